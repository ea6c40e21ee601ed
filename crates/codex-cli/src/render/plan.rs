//! [`ShownPlan`]: the agent's list of things to do, shown whole once and then step by step.

use codex_protocol::{TodoItem, TodoList};

use super::line::{Line, Tone};

/// What was last shown of the plan.
#[derive(Debug, Default)]
pub(super) struct ShownPlan {
    shown: Vec<TodoItem>,
}

impl ShownPlan {
    /// The lines for the plan as it is now: all of it when its steps are new, else the steps that changed.
    pub(super) fn show(&mut self, list: &TodoList) -> Vec<Line> {
        let same_steps = self.shown.len() == list.items.len()
            && self.shown.iter().zip(&list.items).all(|(old, new)| old.text == new.text);
        let changed = |at: usize, step: &TodoItem| !same_steps || self.shown[at].completed != step.completed;
        let steps = list.items.iter().enumerate().filter(|(at, step)| changed(*at, step));
        let mut lines: Vec<Line> = steps.map(|(_, step)| step_line(step)).collect();
        if !same_steps {
            lines.insert(0, Line::new(Tone::Strong, "plan"));
        }
        self.shown.clone_from(&list.items);
        lines
    }
}

fn step_line(step: &TodoItem) -> Line {
    if step.completed {
        Line::new(Tone::Good, "  [x] ").and(Tone::Dim, &step.text)
    } else {
        Line::new(Tone::Plain, "  [ ] ").and(Tone::Plain, &step.text)
    }
}
