//! `codex-turns pipeline check`: the plan, and nothing runs.

use codex_runner::{PipelinePlan, ProjectPlace};

use crate::arguments::PipelineSource;
use crate::exit_code::Code;
use crate::failure::print;
use crate::output::{print_json, print_out};
use crate::plan_view::{complaints, plan as lines};
use crate::render::{Line, Tone};

/// Shows the plan.
pub(super) fn check(project: &ProjectPlace, source: &PipelineSource, as_json: bool) -> Code {
    let plan = source.request(&project.root).plan();
    if as_json {
        print_json(&plan);
    } else {
        print_out(&lines(&plan));
        print(&complaints(&plan));
        if plan.is_runnable() {
            print_out(&[Line::default(), good(&plan)]);
        }
    }
    code(&plan)
}

/// What a plan with problems is for a shell.
pub(super) fn code(plan: &PipelinePlan) -> Code {
    if plan.is_runnable() { Code::Completed } else { Code::Usage }
}

fn good(plan: &PipelinePlan) -> Line {
    let tasks = if plan.tasks.len() == 1 { "task" } else { "tasks" };
    let text = format!("{} {tasks}; `codex-turns pipeline run` runs them", plan.tasks.len());
    Line::new(Tone::Good, "✓ ").and(Tone::Plain, &text)
}
