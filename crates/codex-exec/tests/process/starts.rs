//! What a start leaves on disk, and what the next one does with it.

use std::fs;

use codex_exec::{ExecError, Invocation, OutputSchema};
use codex_fixtures::{ChildProcess, FakeCodex, FakeScript};

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
#[tokio::test]
async fn the_next_start_sweeps_what_a_dead_owner_has_left() {
    let left = ChildProcess::new().own_session().ignores_signals();
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

#[rstest::rstest]
#[case::blank_prompt(Invocation::new(" \n"))]
#[case::missing_directory(Invocation::new("x").cwd("/nowhere/at/all"))]
#[case::image_with_a_comma(Invocation::new("x").skip_git_repo_check().image("/tmp/a,b.png"))]
#[tokio::test]
async fn what_codex_would_refuse_is_refused_before_the_start(#[case] invocation: Invocation) {
    let scene = Scene::new(FakeScript::completed_turn("x"));
    let ran = rest(scene.stream_of(invocation)).await;
    assert!(matches!(ran.error, Some(ExecError::Invocation(_))), "{:?}", ran.error);
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
    let Some(ExecError::Spawn { program, .. }) = ran.error else { panic!("{:?}", ran.error) };
    assert_eq!(program, path);
    assert_eq!(scene.notes(), [""; 0]);
}
