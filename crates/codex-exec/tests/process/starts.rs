//! What a start leaves on disk, and what the next one does with it.

use std::fs;
use std::time::Duration;

use codex_exec::{
    CommandSpec, Invocation, Marker, OutputSchema, RunCommand, StateDir, SystemCommands, TransportError,
};
use codex_fixtures::{FakeCodex, FakeScript};
use tokio_util::sync::CancellationToken;

use crate::support::{COMPLETED, STARTED, Scene, TURN, eventually, rest};

#[tokio::test]
async fn a_start_is_noted_while_it_lasts() {
    let scene = Scene::new(FakeScript::new().line(STARTED).hang());
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    let marker =
        scene.fake.calls()[0].variables().iter().find(|name| name.starts_with("CODEX_TURNS_RUN_")).cloned();
    assert!(eventually(|| scene.notes().len() == 2).await, "a note and a lock: {:?}", scene.notes());
    assert!(scene.notes().contains(&marker.unwrap()));
    scene.cancel.cancel();
    rest(stream).await;
    assert_eq!(scene.notes(), [""; 0]);
}

/// The owner of the first start is "dead": its note is there and nobody holds its lock.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_next_start_sweeps_what_a_dead_owner_has_left() {
    let left = codex_fixtures::ChildProcess::new().own_session().ignores_signals();
    let first = FakeScript::new().line(STARTED).line(TURN).spawn(left).line(COMPLETED);
    let fake = FakeCodex::builder().start(first).start(FakeScript::completed_turn("second")).build();
    let scene = Scene::of(fake).options(|options| options.survivors(codex_exec::Survivors::Leave));
    scene.run().await;
    let survivor = scene.fake.children()[0];
    assert!(codex_fixtures::alive(survivor));
    let variables = scene.fake.calls()[0].variables().to_vec();
    let marker = variables.iter().find(|name| name.starts_with("CODEX_TURNS_RUN_")).unwrap();
    let note = scene.scratch.path().join("state/starts").join(marker);
    fs::write(&note, "").unwrap();
    scene.run().await;
    assert!(!codex_fixtures::alive(survivor));
    assert!(!note.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_command_is_noted_while_it_lasts_where_that_is_asked_for() {
    let scene = Scene::new(FakeScript::completed_turn("next"));
    let state = StateDir::at(scene.scratch.path().join("state"));
    let commands = SystemCommands::new();
    let noted = |script: &str| CommandSpec::shell(script).cwd(scene.scratch.path()).noted_in(state.clone());
    let done =
        commands.run(noted("ls state/starts; setsid sleep 60 & echo $!"), scene.cancel.child_token()).await;
    let done = done.unwrap();
    assert!(done.output.text().contains("CODEX_TURNS_RUN_"), "it is noted while it runs: {done:?}");
    assert_eq!((done.leftovers.len(), scene.notes()), (1, vec![]), "and forgotten at its end");
    // Who gives it up gives up its note too, and the next start looks whether the drop has missed anything.
    let command = noted("sleep 60");
    let running =
        tokio::spawn(async move { SystemCommands::new().run(command, CancellationToken::new()).await });
    assert!(eventually(|| scene.notes().len() == 1).await, "{:?}", scene.notes());
    running.abort();
    assert!(running.await.is_err());
    assert_eq!(scene.notes().len(), 1);
    scene.run().await;
    assert_eq!(scene.notes(), [""; 0]);
}

#[tokio::test]
async fn a_live_owners_start_is_not_swept() {
    let both = FakeScript::new().line(STARTED.replace("5a53", "5a5{n}")).hang();
    let other = FakeScript::new().line(STARTED).line(TURN).line(COMPLETED);
    let scene = Scene::of(FakeCodex::builder().start(both).start(other).build());
    let mut first = scene.stream();
    assert!(first.next_line().await.is_some());
    scene.run().await;
    let pid = scene.fake.calls()[0].pid();
    assert!(codex_fixtures::alive(pid));
    scene.cancel.cancel();
    rest(first).await;
}

#[tokio::test]
async fn an_output_schema_is_private_and_removed() {
    let script = FakeScript::new().keep_file_of("--output-schema").then(FakeScript::completed_turn("{}"));
    let scene = Scene::new(script);
    let schema = serde_json::json!({"type": "object"});
    let invocation = scene.invocation("hello").output_schema(OutputSchema::Inline(schema.clone()));
    rest(scene.stream_of(invocation)).await;
    let call = &scene.fake.calls()[0];
    assert_eq!(call.kept_file("--output-schema").unwrap(), schema.to_string().into_bytes());
    let path = call.argument_after("--output-schema").unwrap();
    assert!(!std::path::Path::new(path).exists());
}

#[tokio::test]
async fn codex_leads_a_group_of_its_own_and_carries_its_mark() {
    let scene = Scene::new(FakeScript::completed_turn("x"));
    scene.run().await;
    let call = &scene.fake.calls()[0];
    assert_eq!(call.group(), call.pid());
    let marker = call.variables().iter().find(|name| name.starts_with("CODEX_TURNS_RUN_")).unwrap();
    let argument = format!("shell_environment_policy.set.{marker}");
    assert!(call.arguments().iter().any(|one| one.contains(&argument)), "{:?}", call.arguments());
}

#[rstest::rstest]
#[case::blank_prompt(Invocation::new(" \n"))]
#[case::missing_directory(Invocation::new("x").cwd("/nowhere/at/all"))]
#[case::image_with_a_comma(Invocation::new("x").skip_git_repo_check().image("/tmp/a,b.png"))]
#[tokio::test]
async fn what_codex_would_refuse_is_refused_before_the_start(#[case] invocation: Invocation) {
    let scene = Scene::new(FakeScript::completed_turn("x"));
    let ran = rest(scene.stream_of(invocation)).await;
    assert!(matches!(ran.error, Some(TransportError::Invocation(_))), "{:?}", ran.error);
    assert!(ran.end.is_none() && scene.fake.calls().is_empty());
    assert!(!scene.scratch.path().join("state").exists());
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_named() {
    let scene = Scene::new(FakeScript::completed_turn("x"));
    let path = scene.fake.path();
    let stream = scene.stream();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "no program").unwrap();
    let ran = rest(stream).await;
    let Some(TransportError::Spawn { program, .. }) = ran.error else { panic!("{:?}", ran.error) };
    assert_eq!(program, path);
    assert_eq!(scene.notes(), [""; 0]);
}

/// How a consumer loses interest.
#[derive(Clone, Copy)]
enum Leave {
    Drop,
    Cancel,
}

/// A note that is a pipe without a writer holds the preparation up for as long as the test likes.
#[rstest::rstest]
#[case::dropped(Leave::Drop)]
#[case::cancelled(Leave::Cancel)]
#[tokio::test]
async fn a_stream_that_is_given_up_during_its_preparation_starts_nothing(#[case] leave: Leave) {
    let scene = Scene::new(FakeScript::completed_turn("x"));
    let starts = scene.options.state_dir.as_ref().unwrap().starts().unwrap();
    let pipe = starts.join(Marker::new().variable_name());
    let made = CommandSpec::argv(["mkfifo".into(), pipe.clone().into_os_string()]);
    assert!(SystemCommands::new().run(made, scene.cancel.child_token()).await.unwrap().succeeded());
    let mut stream = scene.stream();
    let early = tokio::time::timeout(Duration::from_millis(50), stream.next_line()).await;
    assert!(early.is_err(), "the preparation waits for the pipe");
    let ran = match leave {
        Leave::Drop => {
            drop(stream);
            None
        }
        Leave::Cancel => {
            scene.cancel.cancel();
            Some(tokio::spawn(rest(stream)))
        }
    };
    let opened = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(pipe).unwrap());
    drop(opened.await.unwrap());
    if let Some(ran) = ran {
        let ran = ran.await.unwrap();
        assert!(matches!(ran.error, Some(TransportError::Cancelled)) && ran.end.is_none(), "{:?}", ran.error);
    }
    assert!(eventually(|| scene.notes().is_empty()).await, "{:?}", scene.notes());
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_dropped_at_any_moment_of_its_start_leaves_nothing() {
    let scene = Scene::new(FakeScript::new().line(STARTED).hang());
    for moment in 0..30 {
        let mut stream = scene.stream();
        drop(tokio::time::timeout(Duration::from_micros(200 * moment), stream.next_line()).await);
    }
    assert!(eventually(|| scene.fake.living().is_empty() && scene.notes().is_empty()).await);
}
