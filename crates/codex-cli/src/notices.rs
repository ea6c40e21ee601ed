//! [`lines`]: the lines of what a person has to know of a project.

use codex_runner::ProjectNotice;

use crate::failure::{print, warning_line};
use crate::render::{Line, Tone};

/// Prints notices.
pub(crate) fn tell(notices: &[ProjectNotice]) {
    print(&lines(notices));
}

/// The lines of notices.
pub(crate) fn lines(notices: &[ProjectNotice]) -> Vec<Line> {
    notices.iter().map(line).collect()
}

fn line(notice: &ProjectNotice) -> Line {
    let text = notice.to_string();
    match notice {
        ProjectNotice::SettingsIgnored { .. }
        | ProjectNotice::ProgramsOff { .. }
        | ProjectNotice::Unrecorded { .. }
        | ProjectNotice::VariableUnset(_)
        | ProjectNotice::CheckTightened { .. }
        | ProjectNotice::CheckNote(_)
        | ProjectNotice::SettingsFileChanged => warning_line(&text),
        ProjectNotice::SettingsLoosened { .. }
        | ProjectNotice::InstructionsOff { .. }
        | ProjectNotice::Recovered { .. } => Line::new(Tone::Warning, &text),
        ProjectNotice::Waiting { turn_id, .. } => {
            let hint = format!("{text}; `codex-turns pipeline resume {turn_id}` continues it");
            Line::new(Tone::Warning, &hint)
        }
        ProjectNotice::Instructions { .. } => Line::new(Tone::Dim, &text),
        ProjectNotice::ClaimsOn { .. }
        | ProjectNotice::PushesTo { .. }
        | ProjectNotice::NotRecordedHere
        | _ => Line::new(Tone::Plain, &text),
    }
}
