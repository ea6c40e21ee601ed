//! What others say, on the screen, in the log of a build service and in JSON of ours.

use codex_fixtures::{Attack, FakeCodex, FakeScript};
use serde_json::json;

use crate::project::{Project, Ran};

/// A title of the terminal, a cleared screen, eight-bit controls, turned and hidden text, tags, two lines.
const STEERING: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{61c}\u{200b}\u{ad}\u{feff}\u{e0049}\n::set-output x ##vso[y]";

/// A turn that says it everywhere: thread, message, command, file, tool and failure.
fn steering_turn(last: &str) -> FakeCodex {
    let text = STEERING;
    let items = [
        json!({"id": text, "type": "agent_message", "text": text}),
        json!({"id": "1", "type": "command_execution", "command": text, "aggregated_output": text,
               "exit_code": 1, "status": "failed"}),
        json!({"id": "2", "type": "file_change", "changes": [{"path": text, "kind": "add"}], "status": "completed"}),
        json!({"id": "3", "type": "mcp_tool_call", "server": text, "tool": text, "arguments": {}, "result": null,
               "error": {"message": text}, "status": "failed"}),
        json!({"id": "4", "type": text, "text": text}),
        json!({"id": "5", "type": "error", "message": text}),
        json!({"id": "6", "type": "agent_message", "text": text}),
    ];
    let mut script = FakeScript::new().read_stdin();
    script = script.line(json!({"type": "thread.started", "thread_id": text}).to_string());
    script = script.line(r#"{"type":"turn.started"}"#);
    for item in items {
        script = script.line(json!({"type": "item.completed", "item": item}).to_string());
    }
    FakeCodex::new(script.line(last))
}

fn completed() -> String {
    let usage = json!({"input_tokens": 1, "cached_input_tokens": 0, "output_tokens": 1});
    json!({"type": "turn.completed", "usage": usage}).to_string()
}

fn failed() -> String {
    json!({"type": "turn.failed", "error": {"message": STEERING}}).to_string()
}

/// There is nothing in it but text, and no line is a command.
fn assert_plain(what: &str, text: &str) {
    assert_nothing_steers(what, text);
    assert_no_command(what, text);
}

fn assert_nothing_steers(what: &str, text: &str) {
    let found: Vec<char> = text
        .chars()
        .filter(|found| codex_protocol::is_steering(*found) && !"\n\t".contains(*found))
        .collect();
    assert!(found.is_empty(), "{what}: {found:?} in {text:?}");
}

fn assert_no_command(what: &str, text: &str) {
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##vso[");
    assert!(!text.split(['\n', '\r']).any(is_command), "{what}: {text:?}");
}

#[test]
fn what_the_agent_says_steers_no_terminal_and_no_build_service() {
    let _attack = Attack::new(
        "ids, messages, paths and errors hold escape sequences, hidden text and workflow commands",
        "progress, logs of -v, and errors show them as text",
    );
    for (last, flags) in
        [(completed(), &["-vvv"][..]), (failed(), &["-vvv"]), (completed(), &[]), (failed(), &["--quiet"])]
    {
        let project = Project::recorded();
        let ran = project.run(&steering_turn(&last), &[flags, &["--", "do it"]].concat());
        assert_plain("standard error", &ran.stderr);
        let is_logged = ran.stderr.contains(r"thread_id=\u{1b}]0;owned\u{7}");
        assert_eq!(is_logged, flags.contains(&"-vvv"), "{ran:?}");
        for record in ["changelog.md", "adr.md", "logs/task.log"] {
            assert_nothing_steers(record, &project.artifact(1, record));
        }
        for words in [&["ledger", "list"][..], &["ledger", "show", "1"]] {
            let ran = project.turns(words);
            assert_plain(words[1], &(ran.stdout + &ran.stderr));
        }
    }
}

#[test]
fn json_of_ours_hides_nothing_and_keeps_its_values() {
    let _attack = Attack::new(
        "what the agent says hides text in --result and --json of ours",
        "steering characters are escaped in our JSON, with the values kept",
    );
    let project = Project::recorded();
    let ran = project.run(&steering_turn(&completed()), &["--result", "../result.json", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let result = std::fs::read_to_string(project.path("result.json")).unwrap();
    assert_plain("--result", &result);
    let value: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!(value["finalResponse"], STEERING, "{value}");
    let mut command = project.command();
    command.env("CODEX_PATH", steering_turn(&completed()).path());
    let ran = Ran::from(command.args(["auto", "--json", "--until", "true", "do it"]).output().unwrap());
    assert_plain("auto --json", &ran.stdout);
    for words in
        [&["ledger", "list", "--json"][..], &["ledger", "show", "1", "--json"], &["config", "--json"]]
    {
        let ran = project.turns(words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_plain(words[0], &ran.stdout);
        let _: serde_json::Value = ran.json();
    }
}

#[test]
fn an_answer_on_the_log_of_a_build_service_is_no_command() {
    let _attack = Attack::new(
        "the answer is a command of the build service that prints it",
        "standard output has it with a blank in it, files have it as it is",
    );
    let answer = "Fine.\n::set-output name=a::b\n ##vso[task.setvariable variable=PATH]x";
    let fake = FakeCodex::new(FakeScript::completed_turn(answer));
    let project = Project::new();
    for service in ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"] {
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path()).env(service, "true");
        let ran = Ran::from(command.args(["run", "-o", "../answer", "do it"]).output().unwrap());
        assert_no_command(service, &ran.stdout);
        assert_no_command(service, &ran.stderr);
        assert!(ran.stderr.contains("takes for a command"), "{ran:?}");
        assert_eq!(std::fs::read_to_string(project.path("answer")).unwrap(), answer);
    }
    // Elsewhere standard output is the answer, to the byte.
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.stdout, format!("{answer}\n"));
}

#[test]
fn what_a_check_prints_steers_nothing() {
    let _attack = Attack::new(
        "a check prints escape sequences, hidden text and workflow commands, and fails",
        "the screen and the record show them as text",
    );
    let project = Project::recorded();
    let output = project.path("output");
    std::fs::write(&output, format!("{STEERING}\n{STEERING}\n")).unwrap();
    let command = format!("cat {0}; cat {0} >&2; exit 1", output.display());
    project.trusted_settings(&format!("[tests]\ncommand = \"{command}\"\n[lint]\ncommand = \"{command}\"\n"));
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["do it"]);
    assert!(ran.stderr.contains("tests"), "{ran:?}");
    assert_plain("standard error", &ran.stderr);
    assert_nothing_steers("logs/task.log", &project.artifact(1, "logs/task.log"));
    let auto = ["auto", "--max-turns", "1", "--until", &command, "do it"];
    let mut turns = project.command();
    let ran = Ran::from(turns.env("CODEX_PATH", fake.path()).args(auto).output().unwrap());
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert_plain("standard error of a run", &ran.stderr);
}
