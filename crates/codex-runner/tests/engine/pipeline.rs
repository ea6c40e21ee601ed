//! Pipelines: stop, continue, a shared thread, resuming at each task, a report that fails.

use codex_runner::{
    OnFailure, PipelineDone, PipelineWork, RecordOutcome, ReportSource, RunnerError, RunnerEvent,
    TaskVerdict, ThreadUse,
};
use rstest::rstest;

use crate::scripted::{Answer, Scripted};
use crate::shop::Shop;

const DONE: Answer = Answer::Message("Done.", None);
const REPORT: Answer = Answer::Message(r#"{"statementOfWork":"Made it.","decisions":[]}"#, None);

async fn run(shop: &Shop, work: PipelineWork, scripted: &Scripted) -> PipelineDone {
    let project = shop.project(shop.environment());
    project.pipeline(work).plan().unwrap().run(&scripted.codex()).await.unwrap()
}

fn verdicts(done: &PipelineDone) -> Vec<TaskVerdict> {
    done.tasks.iter().map(|task| task.verdict).collect()
}

#[rstest]
#[case::stops(OnFailure::Stop, TaskVerdict::NotRun, 2)]
#[case::continues(OnFailure::Continue, TaskVerdict::Completed, 3)]
#[tokio::test]
async fn a_failed_task_ends_the_others_or_not(
    #[case] on_failure: OnFailure,
    #[case] last: TaskVerdict,
    #[case] turns: usize,
) {
    let shop = Shop::new();
    let scripted = Scripted::new([DONE, Answer::Fails("no idea"), DONE]);
    let mut work = shop.work();
    work.on_failure = on_failure;
    work.limits.retry = 0;
    let done = run(&shop, work, &scripted).await;
    assert_eq!(verdicts(&done), [TaskVerdict::Completed, TaskVerdict::Failed, last]);
    assert_eq!(scripted.asked().len(), turns);
    let manifest = shop.manifest(1);
    assert_eq!(manifest["ledger"]["reason"], "task-failed");
    assert_eq!(manifest["tasks"][1]["verdict"], "failed");
    assert!(done.tasks[1].reason.as_ref().unwrap().contains("no idea"), "{:?}", done.tasks[1].reason);
}

#[tokio::test]
async fn tasks_share_a_thread_if_they_are_told_to() {
    let shop = Shop::new();
    let mut work = shop.work();
    work.thread = ThreadUse::Shared;
    work.work.report = ReportSource::Agent;
    let scripted = Scripted::new([DONE, DONE, DONE, REPORT]);
    let done = run(&shop, work, &scripted).await;
    assert!(done.account.unwrap().report.is_ok(), "the agent is asked once");
    let threads: Vec<_> = scripted.asked()[1..]
        .iter()
        .map(|invocation| invocation.parts().target.resumed_thread().unwrap().to_string())
        .collect();
    assert_eq!(threads, vec![threads[0].clone(); 3]);
}

#[tokio::test]
async fn a_report_that_cannot_be_used_fails_no_task() {
    let shop = Shop::new();
    let mut work = shop.work();
    work.work.report = ReportSource::Agent;
    let bad = Answer::Message("I made it.", None);
    let scripted = Scripted::new([DONE, REPORT, DONE, bad, DONE, REPORT]);
    let done = run(&shop, work, &scripted).await;
    assert_eq!(verdicts(&done), [TaskVerdict::Completed; 3]);
    assert!(done.tasks[1].account.as_ref().unwrap().problem.is_some());
    assert_eq!(done.notes.len(), 1, "{:?}", done.notes);
    assert!(matches!(done.record, RecordOutcome::Recorded(_)), "{:?}", done.record);
}

/// Drops a pipeline when a task begins, as a crash would, and resumes it.
#[rstest]
#[case::at_the_first(1)]
#[case::at_the_second(2)]
#[case::at_the_third(3)]
#[tokio::test]
async fn a_pipeline_is_resumed_at_each_task(#[case] at: usize) {
    let shop = Shop::new();
    let environment = shop.environment().variable("CODEX_TURNS_RUN_MODEL", "gpt-mine");
    let scripted = Scripted::new([DONE, DONE, DONE, DONE]);
    let planned = shop.project(environment).pipeline(shop.work()).plan().unwrap();
    let mut stream = planned.run(&scripted.codex()).stream();
    while let Some(event) = stream.next_event().await {
        if matches!(event, RunnerEvent::TaskStarted { position, .. } if position == at) {
            break;
        }
    }
    drop(stream);
    let asked = scripted.asked().len();
    assert_eq!(asked, at - 1);
    // The environment says nothing now, and the model is the same.
    let project = shop.project(shop.environment());
    let done = project.resume("1".parse().unwrap()).unwrap().run(&scripted.codex()).await.unwrap();
    assert_eq!(verdicts(&done), [TaskVerdict::Completed; 3]);
    let earlier: Vec<bool> = done.tasks.iter().map(|task| task.is_earlier).collect();
    assert_eq!(earlier, [at > 1, at > 2, false]);
    assert_eq!(scripted.asked().len(), 3, "no task is run twice: {:?}", scripted.prompts());
    let models: Vec<_> = scripted.asked().iter().map(|asked| asked.parts().model.clone()).collect();
    assert_eq!(models, vec![Some("gpt-mine".to_owned()); 3]);
    let manifest = shop.manifest(1);
    assert_eq!(manifest["ledger"]["state"], "completed");
    assert_eq!(manifest["tasks"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_setting_that_has_changed_is_refused_by_name() {
    let shop = Shop::new();
    let scripted = Scripted::new([DONE]);
    let planned = shop.project(shop.environment()).pipeline(shop.work()).plan().unwrap();
    let mut stream = planned.run(&scripted.codex()).stream();
    while let Some(event) = stream.next_event().await {
        if matches!(event, RunnerEvent::TaskStarted { position: 2, .. }) {
            break;
        }
    }
    drop(stream);
    let project = shop.project(shop.environment().variable("CODEX_TURNS_RUN_MODEL", "gpt-other"));
    let Err(RunnerError::SettingsChanged { changes, .. }) = project.resume("1".parse().unwrap()) else {
        panic!("it is refused")
    };
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["`run.model` was unset (default) and is \"gpt-other\" (CODEX_TURNS_RUN_MODEL)"]);
}
