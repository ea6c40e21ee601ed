//! The texts below the flags of `--help`: examples and exit codes.

/// Below `codex-turns -h`.
pub(crate) const SHORT: &str = "`codex-turns help COMMAND` has examples and the exit codes.";

/// Below `codex-turns --help`.
pub(crate) const MAIN: &str = "\
Examples:
  codex-turns doctor
  codex-turns run --sandbox workspace-write \"fix the failing test\"
  codex-turns run --resume last \"and now the docs\"
  codex-turns auto --sandbox workspace-write --until 'cargo test' \"make the tests pass\"
  codex-turns ledger init; codex-turns run \"explain the build\"; codex-turns ledger show 1

Exit codes:
    0  the turn completed; of `auto`, every check passed
    1  the turn, its record or a gate failed, or a file that was asked for could not be written
    2  the command line, a setting or the prompt is wrong; nothing was started
    3  Codex is missing or did not start
    4  the turn ended without a verdict of its own: truncated, killed, exited
    5  a limit passed; of `auto`, a limit or budget is reached, or there was no progress
    6  the ledger was required, or its mode needs what is not so, and failed; or it is gone or replaced
    7  `ledger verify`: turns wait to be recovered
   75  no number for a record could be claimed, or another turn runs here; nothing ran, try again
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP

Environment:
  CODEX_PATH       the program to use as Codex
  CODEX_HOME       the folder that holds Codex's configuration, login and threads
  CODEX_API_KEY    a key for the service; the commands of the agent and the checks do not see it
  CODEX_TURNS_...  any setting of codex-turns.toml; `codex-turns help config` has them
  CODEX_TURNS_LOG  what to log to standard error: error, warn, info, debug or trace
  NO_COLOR         no colours, whatever its value; CLICOLOR_FORCE=1 the opposite
  XDG_STATE_HOME   the folder below which starts are noted and threads are locked";

/// Below `codex-turns run --help`.
pub(crate) const RUN: &str = "\
The answer goes to standard output, everything else to standard error. With PROMPT, standard input is \
read only if --stdin asks for it, so that a pipe that nobody closes holds nothing up.

The first Ctrl-C (or SIGTERM, or SIGHUP unless it is ignored, as nohup does) asks Codex to stop, which \
ends its commands and keeps the thread; the second kills it at once.

Where `codex-turns ledger init` has switched it on, the turn is recorded: its record is opened before Codex \
starts, and sealed once the tests, linters and coverage of codex-turns.toml have run. A turn that a crash \
has cut off is recorded by the next one.

Examples:
  codex-turns run \"explain the build\"
  codex-turns run -s workspace-write -C ../service \"fix the failing test\"
  git diff | codex-turns run --stdin \"review this\"
  codex-turns run --review base:main
  codex-turns run --resume 0199a213-81c0-7800-8aa1-bbab2a035a53 -s workspace-write \"go on\"
  codex-turns run --timeout 10m --result turn.json -o answer.md - < prompt.md
  codex-turns run --json \"list the crates\" | jq .type
  codex-turns run --git branch --task add-tests -s workspace-write \"add tests\"

Exit codes:
    0  the turn completed
    1  the turn, its record or a gate failed, or a file that was asked for could not be written
    2  the command line, a setting or the prompt is wrong; nothing was started
    3  Codex is missing or did not start
    4  the turn ended without a verdict of its own: truncated, killed, exited
    5  a limit passed
    6  the ledger was required and failed, `--git` needs a clean worktree, or the ledger is gone or replaced
   75  no number for a record could be claimed, or another turn runs here; nothing ran, try again
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP";

/// Below `codex-turns auto --help`.
pub(crate) const AUTO: &str = "\
Each turn is followed by the checks: first files, then values in the answer, then commands, up to the first that \
does not pass. What that one says becomes part of the next prompt, on the same thread and with the same options. \
Commands run in the working directory of the thread, in Codex's sandbox (--check-sandbox) and without the secrets of \
the environment (--check-env); each has ten minutes.

A turn that broke off is tried again (--retry): a rate limit is waited for as long as it says, up to 15 minutes; \
a lost stream, an overloaded service and a killed process with growing waits. If the turn had done something, the \
thread continues and is told what was done. Anything else, such as a missing login, ends the run.

The last answer goes to standard output once the checks pass, everything else to standard error. The first Ctrl-C \
ends the turn, the check or the wait and keeps the thread; the second kills.

Where `codex-turns ledger init` has switched it on, the whole run is one record with all its turns; the tests, \
linters and coverage of codex-turns.toml run once, after a run whose checks pass.

Examples:
  codex-turns auto -s workspace-write --until 'cargo test' \"make the tests pass\"
  codex-turns auto -s workspace-write --until 'cargo test' --until 'cargo clippy' - < task.md
  codex-turns auto -s workspace-write --until-file docs/api.md --max-turns 3 \"describe the API\"
  codex-turns auto --output-schema done.json --until-json /done=true \"find the leak\"
  codex-turns auto -s workspace-write --until make --budget-tokens 500000 --budget-time 1h - < task.md
  codex-turns auto --json --until ./check.sh \"do it\" | jq 'select(.type == \"check_ended\")'

Exit codes:
    0  every check passed
    1  a turn failed for good, the record or a gate did, a check could not be asked, or a file be written
    2  the command line, a setting, the prompt or a check is wrong; nothing was started
    3  Codex is missing or did not start
    4  a turn ended without a verdict of its own, for good: truncated, killed, exited
    5  the limit of turns, a budget or a time limit is reached, or there was no progress
    6  the ledger was required and failed, `--git` needs a clean worktree, or the ledger is gone or replaced
   75  no number for a record could be claimed, or another turn runs here; nothing ran, try again
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP";

/// Below `codex-turns replay --help`.
pub(crate) const REPLAY: &str = "\
A stream says nothing of times, and not whether its turn began its thread: the duration is left out, and \
what the turn alone used is unknown.

Examples:
  codex-turns run --json \"list the crates\" > turn.jsonl; codex-turns replay turn.jsonl
  codex-turns replay --exit-code 137 turn.jsonl
  codex-turns replay 12

Exit codes: as those of `codex-turns run` for the same turn; 2 where the file cannot be read.";

/// Below `codex-turns doctor --help`.
pub(crate) const DOCTOR: &str = "\
Each line is `ok`, `warn` (turns run, with a limit) or `fail` (turns do not run), with what to do about it.

Exit codes:
    0  nothing failed
    3  something did";

/// Below `codex-turns pipeline --help`.
pub(crate) const PIPELINE: &str = "\
The project context names a pattern; the pattern has a pipeline file with its tasks. Everything is found, resolved and \
hashed before the first task runs; docs/pipelines.md has the forms. `codex-turns init` writes a small one to begin with.

Examples:
  codex-turns pipeline check
  codex-turns pipeline run -s workspace-write --until \"make test\"
  codex-turns pipeline run --from 2 --on-failure continue
  codex-turns pipeline resume 12

Exit codes: those of `codex-turns run`; 2 where the plan has problems, and nothing ran.";

/// Below `codex-turns pipeline check --help`.
pub(crate) const PIPELINE_CHECK: &str = "\
Exit codes:
    0  the pipeline can be run
    2  it cannot; each problem is a sentence with file, line and the way out";

/// Below `codex-turns pipeline run --help`.
pub(crate) const PIPELINE_RUN: &str = "\
A pipeline is always recorded: where there is no ledger, it is made. Its record names for each task the agent, the \
hashes of what went in and came out, the tools, what the checks said, and how it ended. After the last task come the \
project's own checks, and one document with the files that were made.

The first Ctrl-C ends the task that runs and the pipeline; its record is sealed as aborted. After a crash the \
record stays open, and `codex-turns pipeline resume` continues.

Exit codes:
    0  every task completed
    1  a task, the record or a gate failed, or a file that was asked for could not be written
    2  the command line, a setting or the plan is wrong; nothing was started
    3  Codex is missing or did not start
    4  a turn ended without a verdict of its own: truncated, killed, exited
    5  a limit passed
    6  the ledger failed, or `--git` needs a clean worktree; before the first task nothing ran
   75  no number for a record could be claimed, or another turn runs here; nothing ran, try again
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP";

/// Below `codex-turns pipeline resume --help`.
pub(crate) const PIPELINE_RESUME: &str = "\
The flags and settings are those that the pipeline was started with, also those that a variable had set. Finished tasks \
are not run again; the one that was interrupted continues on its thread. If a task file or a setting has changed in between, \
nothing runs.

Exit codes: those of `codex-turns pipeline run`.";

/// Below `codex-turns adr --help`.
pub(crate) const ADR: &str = "\
A decision is in a record where the agent was asked for its account of the work (`--report agent`). The whole of it \
stands in adr.md of its record.

Exit codes:
    0  they are listed
    2  turns are not recorded here
    6  the records cannot be read";

/// Below `codex-turns init --help`.
pub(crate) const INIT: &str = "\
Writes ai/context with a session context, a project context and a pattern of two tasks, and codex-turns.toml. A file that \
is there stays as it is. The settings are trusted as they are written.

Exit codes:
    0  what was missing is written
    2  a file cannot be written";

/// Below `codex-turns config --help`.
pub(crate) const CONFIG: &str = "\
Settings are in codex-turns.toml at the top of the repository. What a flag says wins, then what the \
environment says (CODEX_TURNS_TESTS_COMMAND sets tests.command; lists are separated by commas), then the \
file. What of the file starts, contacts or loosens something counts once it is trusted: `codex-turns help trust`.

  [run]                    # what `run` takes where its flags say nothing
  sandbox = \"workspace-write\"
  model = \"gpt-5.1-codex\"
  profile = \"ci\"
  timeout = \"30m\"
  idle_timeout = \"10m\"

  [ledger]
  git = \"record\"           # record: commit nothing; commit; branch: commit to a new branch turn/N
  dirty = \"refuse\"         # commit modes in a worktree with other changes: refuse, or only record
  claim = \"local\"          # local: numbers are unique in this repository; remote: in all clones
  remote = \"origin\"        # the name of the remote on which numbers are claimed
  push = \"origin\"          # the name of the remote that tags or seals of records are pushed to; --no-push
  task = \"maintenance\"     # the task where --task names none
  initiator = \"ada\"        # who asks, where it is not git's user.name
  sign = \"auto\"            # sign tags: never, auto (as git is configured), required
  events = false           # keep Codex's own lines, for `replay N`
  required = false         # as --require-ledger

  [ledger.limits]
  log_bytes = 1048576
  prompt_bytes = 4194304
  patch_bytes = 10485760
  paths = 10000
  claim = \"1m\"
  remote = \"10s\"

  [ledger.redact]
  variables = [\"DSN\"]      # also secret: the values of these variables
  files = [\".env\"]         # files of NAME=VALUE lines
  keep = [\"example-token\"] # never redacted

  [tests]                  # run after each turn that completes
  command = \"cargo nextest run --profile ci\"   # for sh -c; a list runs without a shell
  report = \"target/nextest/ci/junit.xml\"       # JUnit XML; one path or pattern, or several
  limit = \"10m\"
  sandbox = \"workspace-write\"  # or off; otherwise as the turn
  network = false          # true: it may open sockets; otherwise as the turn
  env = [\"DATABASE_URL\"]  # variables that are handed over although they hold secrets
  gate = false             # true: where they do not pass, the record has failed, and the exit code is 1

  [lint]
  command = [\"cargo\", \"clippy\", \"--\", \"-D\", \"warnings\"]

  [coverage]               # lcov, Cobertura, JaCoCo, Istanbul summary, llvm-cov JSON
  command = \"cargo llvm-cov --lcov --output-path target/lcov.info\"
  report = \"target/lcov.info\"

Exit codes:
    0  the settings are fine
    2  one of them is not";

/// Below `codex-turns trust --help`.
pub(crate) const TRUST: &str = "\
codex-turns.toml comes with a repository, and anyone who can write to the repository can change it. What only limits, reports or \
tightens counts at once. What starts a program, contacts another machine, loosens the sandbox, names variables, says \
what is secret, commits or spends counts once you have trusted these very bytes, and those of the files that its \
commands name (`sh ci/test.sh`). Each change asks again. Flags and CODEX_TURNS_... variables are yours and need no trust.

Trust is kept below $XDG_STATE_HOME/codex-turns/trust (~/.local/state), by the path of the project. A folder that an \
agent may write to is refused.

For one run: --trust (as the files are now) or --trust-ref REF (if they are those of REF). In CI, in the environment: \
CODEX_TURNS_TRUST=sha256:... as this command prints it, or CODEX_TURNS_TRUST=origin/main.

Examples:
  codex-turns trust
  codex-turns trust --show
  codex-turns run --trust-ref origin/main --review base:main

Exit codes:
    0  done; `--show` ends so whether the file is trusted or not
    2  a setting is wrong, a file that a command names leads out of the project, or the folder of the user's state \
cannot be used; nothing was trusted";

/// Below `codex-turns ledger --help`.
pub(crate) const LEDGER: &str = "\
Records are in ai/agentic-pipeline/turns, one folder for each turn, and belong to the repository: commit \
them with the work. What a record says was observed: changes by git, tests by their reports, commands by \
Codex's lines.

Examples:
  codex-turns ledger init
  codex-turns ledger list
  codex-turns ledger show 12 --diff
  codex-turns ledger verify --git
  codex-turns ledger purge 12 logs/llm_prompt.txt --reason \"a password\"

Exit codes:
    0  done
    1  `verify` found that a record is not what it was
    2  the command line is wrong, there is no such record, or turns are not recorded here
    6  the ledger could not do it
    7  `verify` found turns that wait for `recover`, and nothing worse
   75  another turn runs in this worktree, or no number could be claimed: try again";

/// Below `codex-turns ledger show --help`.
pub(crate) const LEDGER_SHOW: &str = "\
Parts are printed as they were written; on a terminal patches have colours, and nothing steers it.

Exit codes:
    0  it is shown
    2  there is no such record or part, or turns are not recorded here
    6  it cannot be read";

/// Below `codex-turns ledger verify --help`.
pub(crate) const LEDGER_VERIFY: &str = "\
Without flags the files of the ledger are compared with each other, and with the refs there are. A rebase, \
a squash, and records that are only in another branch or clone are told and are no errors.

Exit codes:
    0  nothing is wrong
    1  a record is not what it was
    2  the command line is wrong, or turns are not recorded here
    6  git or the remote does not answer
    7  turns wait for `codex-turns ledger recover`, and nothing is wrong";
