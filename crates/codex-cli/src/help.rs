//! The texts below the flags of `--help`: examples and exit codes.

/// Below `codex-turns -h`.
pub(crate) const SHORT: &str = "`codex-turns help COMMAND` has examples and the exit codes.";

/// Below `codex-turns --help`.
pub(crate) const MAIN: &str = "\
Examples:
  codex-turns doctor
  codex-turns run --sandbox workspace-write \"fix the failing test\"
  codex-turns run --resume last \"and now the docs\"

Exit codes:
    0  the turn completed
    1  the turn failed, or a file that was asked for could not be written
    2  the command line or the prompt is wrong; nothing was started
    3  Codex is missing or did not start
    4  the turn ended without a verdict of its own: truncated, killed, exited
    5  a limit passed
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP

Environment:
  CODEX_PATH       the program to use as Codex
  CODEX_HOME       the folder that holds Codex's configuration, login and threads
  CODEX_API_KEY    a key for the service; the commands of the agent do not see it
  CODEX_TURNS_LOG  what to log to standard error: error, warn, info, debug or trace
  NO_COLOR         no colours, whatever its value; CLICOLOR_FORCE=1 the opposite
  XDG_STATE_HOME   the folder below which starts are noted and threads are locked";

/// Below `codex-turns run --help`.
pub(crate) const RUN: &str = "\
The answer goes to standard output, everything else to standard error. With PROMPT, standard input is \
read only if --stdin asks for it, so that a pipe that nobody closes holds nothing up.

The first Ctrl-C (or SIGTERM, or SIGHUP unless it is ignored, as nohup does) asks Codex to stop, which \
ends its commands and keeps the thread; the second kills it at once.

Examples:
  codex-turns run \"explain the build\"
  codex-turns run -s workspace-write -C ../service \"fix the failing test\"
  git diff | codex-turns run --stdin \"review this\"
  codex-turns run --review base:main
  codex-turns run --resume 0199a213-81c0-7800-8aa1-bbab2a035a53 -s workspace-write \"go on\"
  codex-turns run --timeout 10m --result turn.json -o answer.md - < prompt.md
  codex-turns run --json \"list the crates\" | jq .type

Exit codes:
    0  the turn completed
    1  the turn failed, or a file that was asked for could not be written
    2  the command line or the prompt is wrong; nothing was started
    3  Codex is missing or did not start
    4  the turn ended without a verdict of its own: truncated, killed, exited
    5  a limit passed
  130  interrupted by Ctrl-C (SIGINT)
  143  interrupted by SIGTERM or SIGHUP";

/// Below `codex-turns replay --help`.
pub(crate) const REPLAY: &str = "\
A stream says nothing of times, and not whether its turn began its thread: the duration is left out, and \
what the turn alone used is unknown.

Examples:
  codex-turns run --json \"list the crates\" > turn.jsonl; codex-turns replay turn.jsonl
  codex-turns replay --exit-code 137 turn.jsonl

Exit codes: as those of `codex-turns run` for the same turn; 2 where the file cannot be read.";

/// Below `codex-turns doctor --help`.
pub(crate) const DOCTOR: &str = "\
Each line is `ok`, `warn` (turns run, with a limit) or `fail` (turns do not run), with what to do about it.

Exit codes:
    0  nothing failed
    3  something did";
