//! What an agent in its sandbox can do to its record.

use std::fs;
use std::os::unix::fs::symlink;

use codex_fixtures::{Attack, FakeCodex, FakeScript};
use rstest::rstest;
use serde_json::Value;

use crate::project::{LEDGER, Project, Ran, SOON, begun};
use crate::sandboxed::agent_runs;

/// The paths of the violations of one kind in a record.
pub(crate) fn violations(project: &Project, turn: u32, kind: &str) -> Vec<String> {
    let manifest = project.manifest(turn);
    let all = manifest["ledger"]["violations"].as_array().unwrap().iter();
    let of_kind = all.filter(|violation| violation["kind"] == kind);
    of_kind.map(|violation| violation["path"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn plain(project: &Project, commands: &[&str]) -> Ran {
    agent_runs(project, commands, |command| command)
}

#[test]
fn files_that_speak_to_the_agent_are_named() {
    let _attack = Attack::new(
        "the agent writes AGENTS.md, sub/.codex/config.toml, skills and ignored ones of them",
        "the record and the screen name each file that speaks to later agents",
    );
    let project = Project::recorded();
    project.write(".gitignore", "hidden/\n");
    project.write("AGENTS.override.md", "be kind\n");
    project.commit("rules");
    let plant = "echo obey > AGENTS.md; mkdir -p sub/.codex hidden/.codex lib/.agents/skills/x; \
                 echo a=1 > sub/.codex/config.toml; echo a=1 > hidden/.codex/config.toml; \
                 echo x > lib/.agents/skills/x/SKILL.md; echo x > codex-turns.toml; rm AGENTS.override.md; echo tried";
    let ran = plain(&project, &[plant]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let expected = [
        "AGENTS.md",
        "AGENTS.override.md",
        "codex-turns.toml",
        "hidden/.codex/config.toml",
        "lib/.agents/skills/x/SKILL.md",
        "sub/.codex/config.toml",
    ];
    assert_eq!(violations(&project, 1, "project-layer-changed"), expected);
    assert!(ran.stderr.contains("files that speak to the agent or start programs: AGENTS.md"), "{ran:?}");
    // The settings that the agent wrote are none.
    fs::remove_file(project.work("codex-turns.toml")).unwrap();
    let shown = project.turns(&["ledger", "show", "1"]);
    assert!(shown.stdout.contains("project-layer-changed sub/.codex/config.toml"), "{shown:?}");
    let manifest: &Value = &project.manifest(1)["ledger"];
    assert_eq!(manifest["state"], "completed", "it is named, and no failure");
    project.assert_verified(&["--git"]);
}

/// A project with one record, and what is below its ledger, so that nothing of it may get lost.
pub(crate) fn with_one_record() -> Project {
    let project = Project::recorded();
    project.write("ai/notes.md", "mine\n");
    project.write(&format!("{LEDGER}/patterns/keep.md"), "mine too\n");
    fs::create_dir_all(project.path("outside")).unwrap();
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    project
}

/// The ledger is as it must be after an attack, and later turns are recorded.
fn assert_recorded(project: &Project, turn: u32) {
    assert_eq!(project.read(&format!("{LEDGER}/patterns/keep.md")), "mine too\n");
    assert_eq!(project.manifest(1)["turnId"], 1);
    assert!(project.has(&format!("{LEDGER}/turns/{turn}/manifest.json")), "the record is in its place");
    assert!(!fs::symlink_metadata(project.work("ai")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(project.path("outside")).unwrap().count(), 0, "nothing was written outside");
    project.assert_verified(&["--git"]);
    let recovered = project.turns(&["ledger", "recover"]);
    assert_eq!(recovered.code, Some(0), "{recovered:?}");
    let next = project.work_turn(&[]);
    assert_eq!(next.code, Some(0), "{next:?}");
    assert!(project.has(&format!("{LEDGER}/turns/{}/manifest.json", turn + 1)), "and the next one, too");
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::empty_folder("mkdir turns/2", "ai/agentic-pipeline/turns/2")]
#[case::folder_with_files("mkdir turns/2; echo x > turns/2/x", "ai/agentic-pipeline/turns/2/x")]
#[case::forged_record("cp -r turns/1 turns/2", "ai/agentic-pipeline/turns/2/manifest.json")]
#[case::file("echo x > turns/2", "ai/agentic-pipeline/turns/2")]
#[case::link("ln -s /tmp turns/2", "ai/agentic-pipeline/turns/2")]
#[case::link_to_nothing("ln -s nowhere turns/2", "ai/agentic-pipeline/turns/2")]
#[case::pipe("mkfifo turns/2", "ai/agentic-pipeline/turns/2")]
#[case::locked_folder("mkdir turns/2; chmod 000 turns/2", "ai/agentic-pipeline/turns/2")]
#[case::locked_records("chmod 000 turns/1 turns", "ai/agentic-pipeline/turns")]
#[case::locked_root("chmod 555 .", "ai/agentic-pipeline")]
#[case::open_root("chmod 777 .", "ai/agentic-pipeline")]
#[case::records_as_file("rm -r turns; echo x > turns", "ai/agentic-pipeline/turns")]
#[case::records_as_link("mv turns /tmp/t$$; ln -s /tmp/t$$ turns", "ai/agentic-pipeline/turns")]
#[case::half_copied("mkdir -p turns/.open-x/y", "ai/agentic-pipeline/turns/.open-x")]
#[case::index_as_folder("rm turns_index.csv; mkdir turns_index.csv", "ai/agentic-pipeline/turns_index.csv")]
#[case::index_as_link(
    "mv turns_index.csv ../i; ln -s ../i turns_index.csv",
    "ai/agentic-pipeline/turns_index.csv"
)]
#[case::bottomless(
    "mkdir patterns/deep; perl -e 'chdir q(patterns/deep); mkdir(q(d)) && chdir(q(d)) or exit 1 for 1..4500'",
    "ai/agentic-pipeline/patterns/deep"
)]
#[case::odd_name("mkdir \"$(printf 'turns/a\\nb')\"", "ai/agentic-pipeline/turns/a")]
fn what_is_planted_in_the_ledger_does_not_keep_a_turn_from_it(#[case] plant: &str, #[case] named: &str) {
    let _attack = Attack::new(
        "the agent puts something where its record belongs (folder, file, link, pipe, locked or forged)",
        "the record is in its place, and names what was removed",
    );
    let project = with_one_record();
    let command = format!("cd {LEDGER} && {{ {plant}; }}; echo tried");
    let ran = plain(&project, &[&command]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let touched = violations(&project, 2, "ledger-touched");
    assert!(touched.iter().any(|path| path.starts_with(named)), "{touched:?}");
    assert_recorded(&project, 2);
}

#[rstest]
#[case::gone("mv ai gone")]
#[case::removed("rm -r ai")]
#[case::link_inside("mv ai gone; ln -s gone ai")]
#[case::link_to_nothing("mv ai gone; ln -s nowhere ai")]
#[case::link_outside("rm -r ai; ln -s \"$PWD/../outside\" ai")]
#[case::file("rm -r ai; echo x > ai")]
#[case::inner_link("mv ai/agentic-pipeline ai/gone; ln -s gone ai/agentic-pipeline")]
#[case::inner_link_outside("rm -r ai/agentic-pipeline; ln -s /tmp ai/agentic-pipeline")]
#[case::inner_file("rm -r ai/agentic-pipeline; echo x > ai/agentic-pipeline")]
#[case::locked("chmod 000 ai")]
fn a_ledger_that_the_agent_replaces_comes_back(#[case] plant: &str) {
    let _attack = Attack::new(
        "the agent moves, removes, locks or links away the folder of the ledger or the one above",
        "the ledger is put back, the record is in it, nothing is written through a link",
    );
    let project = with_one_record();
    let ran = plain(&project, &[&format!("{plant}; echo tried")]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(!violations(&project, 2, "ledger-touched").is_empty());
    assert!(ran.stderr.contains("the agent wrote below ai/agentic-pipeline"), "{ran:?}");
    assert_recorded(&project, 2);
}

#[rstest]
#[case::gone("", false)]
#[case::link("outside", true)]
#[case::link_to_another_ledger("other", true)]
fn a_ledger_that_is_gone_between_turns_is_an_error(#[case] target: &str, #[case] linked: bool) {
    let _attack = Attack::new(
        "the folder of the ledger is gone or a link when a turn begins",
        "exit 6 and what to run, also where the ledger is not required; nothing runs",
    );
    let project = with_one_record();
    fs::create_dir_all(project.path("other")).unwrap();
    fs::rename(project.work("ai/agentic-pipeline"), project.path("other/agentic-pipeline")).unwrap();
    fs::remove_dir_all(project.work("ai")).unwrap();
    if linked {
        symlink(project.path(target), project.work("ai")).unwrap();
    }
    let fake = FakeCodex::new(FakeScript::completed_turn("not recorded"));
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("hint: `codex-turns ledger recover` brings it back"), "{ran:?}");
    assert!(fake.calls().is_empty(), "nothing ran");
    assert_eq!(project.turns(&["ledger", "list"]).code, Some(6));
    let recovered = project.turns(&["ledger", "recover"]);
    assert_eq!(recovered.code, Some(0), "{recovered:?}");
    assert_recorded(&project, 1);
}

#[test]
fn another_branch_may_have_no_ledger_and_a_person_may_stop_recording() {
    let project = with_one_record();
    project.git(&["checkout", "-q", "--orphan", "other"]);
    fs::remove_dir_all(project.work("ai")).unwrap();
    let fake = FakeCodex::new(FakeScript::completed_turn("not recorded"));
    assert_eq!(project.run(&fake, &["do it"]).code, Some(0), "another branch");
    project.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    assert_eq!(project.run(&fake, &["do it"]).code, Some(6));
    assert_eq!(project.run(&fake, &["--no-ledger", "do it"]).code, Some(0));
    fs::remove_file(project.work(".git/turns/ledger-here.json")).unwrap();
    assert_eq!(project.run(&fake, &["do it"]).code, Some(0), "as the hint says");
}

#[rstest]
#[case::planted("mkdir turns/2")]
#[case::forged("mkdir turns/2; cp turns/1/manifest.json turns/2/")]
#[case::link("mv turns ../t; ln -s ../t turns")]
#[case::changed("echo x > turns/1/adr.md; rm turns/1/manifest.json; echo x > turns_index.csv; mkdir turns/9")]
#[case::removed("rm -r ../../ai")]
#[case::linked_away("mv ../../ai ../../gone; ln -s gone ../../ai")]
#[case::locked("chmod 000 turns/1 turns .")]
fn recovery_undoes_what_a_turn_did_that_was_killed(#[case] plant: &str) {
    let _attack = Attack::new(
        "the agent attacks the ledger, and codex-turns is killed before the turn ends",
        "`ledger recover` ends with 0, the record is in its place, and `verify` finds nothing",
    );
    let project = with_one_record();
    let fake = FakeCodex::new(begun().hang());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["run", "do it"]);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("begun", SOON));
    let mut attack = crate::process::new_command("sh".as_ref());
    attack.arg("-c").arg(plant).current_dir(project.work(LEDGER));
    assert!(attack.status().unwrap().success());
    child.kill().unwrap();
    child.wait().unwrap();
    let recovered = project.turns(&["ledger", "recover"]);
    assert_eq!(recovered.code, Some(0), "{recovered:?}");
    assert_eq!(project.manifest(2)["ledger"]["state"], "interrupted");
    assert!(!violations(&project, 2, "ledger-touched").is_empty());
    assert_recorded(&project, 2);
}

/// What an agent writes so that later records say nothing, and a value that a person has put there.
const BLINDING: &str = "printf 'API_KEY=src/backdoor.py\\nY_TOKEN=\"exit code 0\"\\nA_PASSWORD=completed\\n\
                        B_TOKEN=backd00r-payload-77\\n' >> .env.local";

#[test]
fn values_that_an_agent_wrote_blind_no_record() {
    let _attack = Attack::new(
        "the agent writes .env.local with a path, a phrase of ours, a state and a token of its next turn",
        "a value counts only if a person has put it there; the change is named, and later records are readable",
    );
    let project = Project::recorded();
    project.write(".gitignore", ".env*\n");
    project.commit("ignore");
    project.write(".env.local", "SERVICE_TOKEN=of-a-p3rson-1234\n");
    let ran =
        plain(&project, &[&format!("{BLINDING}; mkdir -p src; echo 1 > src/backdoor.py; cat .env.local")]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(violations(&project, 1, "redaction-rules-changed"), [".env.local"]);
    let later =
        "echo backd00r-payload-77 of-a-p3rson-1234 > src/backdoor.py; cat src/backdoor.py; echo exit code 0";
    let ran = plain(&project, &[later]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for turn in [1, 2] {
        let log = project.artifact(turn, "changelog.md");
        assert!(log.contains("State: completed.") && log.contains("`src/backdoor.py`"), "{log}");
        let patch = project.artifact(turn, "diff.patch");
        assert!(patch.contains("b/src/backdoor.py"), "{patch}");
    }
    let patch = project.artifact(2, "diff.patch");
    assert!(patch.contains("+backd00r-payload-77 [REDACTED:dotenv]"), "{patch}");
    assert!(project.artifact(2, "logs/task.log").contains("backd00r-payload-77"));
    assert_eq!(violations(&project, 2, "redaction-rules-changed"), Vec::<String>::new());
    // What a person commits is a person's.
    project.git(&["add", "-f", ".env.local"]);
    project.git(&["commit", "-q", "-m", "mine now"]);
    let ran = plain(&project, &["echo backd00r-payload-77 > note"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.artifact(3, "diff.patch").contains("+[REDACTED:dotenv]"));
    project.assert_verified(&["--git"]);
}

#[test]
fn values_that_a_turn_committed_blind_no_record() {
    let _attack = Attack::new(
        "the agent writes .env with a payload of its next turn, and `--git commit` commits it",
        "a value counts only if a person committed it; the payload of the next turn is readable",
    );
    let project = Project::recorded();
    project.commit("ledger");
    let commits = |command: &str| {
        let ran = agent_runs(&project, &[command], |command| command.args(["--git", "commit"]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    commits("echo B_TOKEN=backd00r-payload-77 > .env; echo tried");
    assert_eq!(violations(&project, 1, "redaction-rules-changed"), [".env"]);
    assert_eq!(project.git(&["show", "HEAD:.env"]).trim_end(), "B_TOKEN=backd00r-payload-77");
    commits("echo backd00r-payload-77 > deploy.sh; cat deploy.sh");
    assert!(project.artifact(2, "diff.patch").contains("+backd00r-payload-77"));
    assert!(project.artifact(2, "logs/task.log").contains("backd00r-payload-77"));
    project.assert_verified(&["--git"]);
}

#[test]
fn what_a_killed_turn_wrote_into_a_file_of_secrets_does_not_count_either() {
    let _attack = Attack::new(
        "the agent writes .env.local, and codex-turns is killed before the turn ends",
        "the recovered record and later ones are not blinded",
    );
    let project = with_one_record();
    let fake = FakeCodex::new(begun().hang());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["run", "the payload is backd00r-payload-77"]);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("begun", SOON));
    project.write(".env.local", "B_TOKEN=backd00r-payload-77\n");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(project.turns(&["ledger", "recover"]).code, Some(0));
    assert!(project.artifact(2, "logs/llm_prompt.txt").contains("backd00r-payload-77"));
    assert_eq!(violations(&project, 2, "redaction-rules-changed"), [".env.local"]);
}

#[test]
fn passwords_of_a_proxy_and_of_a_remote_are_secrets() {
    let _attack = Attack::new(
        "the agent prints the password of a proxy and of a git remote, as written and decoded",
        "no record has it",
    );
    let project = Project::recorded();
    project.git(&["remote", "add", "up", "https://ada:rem0te%21pass@git.example/x.git"]);
    let show = "printf '%s\\n' 'rem0te%21pass rem0te!pass' 'pr0xy%40word pr0xy@word' > note; cat note";
    let ran = agent_runs(&project, &[show], |command| {
        command.env("ALL_PROXY", "").env("CI_PROXY", "http://ada:pr0xy%40word@proxy.example:3128")
    });
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let folder = project.work(&format!("{LEDGER}/turns/1"));
    for file in crate::project::files_below(&folder) {
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        for secret in ["rem0te%21pass", "rem0te!pass", "pr0xy%40word", "pr0xy@word"] {
            assert!(!text.contains(secret), "{file} has {secret}: {text}");
        }
    }
}

#[test]
fn what_git_does_not_see_is_named() {
    let _attack = Attack::new(
        "the agent hides files below a fake .git, below names that git refuses, and in a nested repository",
        "the record names each path that it does not contain",
    );
    let project = Project::recorded();
    project.commit("the ledger");
    let plant = "mkdir -p scripts/.git x/.GIT 'git~1' lib && echo a > scripts/.git/run.sh && echo a > x/.GIT/run.sh && \
                 echo a > git~1/run.sh && git init -q lib && \
                 git -C lib -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m a && \
                 echo a > lib/run.sh && echo planted";
    let ran = plain(&project, &[plant]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.has("lib/run.sh"), "the agent's commands did not run to their end");
    assert_eq!(violations(&project, 1, "unseen-by-git"), ["lib", "scripts/.git/run.sh", "x/.GIT/run.sh"]);
    assert_eq!(violations(&project, 1, "unreadable"), ["git~1/run.sh"]);
    project.assert_verified(&["--git"]);
}
