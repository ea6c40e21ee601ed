//! [`lines`]: the lines of what a person has to know of a project.

use codex_runner::Notice;

use crate::failure::{print, warning_line};
use crate::render::{Line, Tone};

/// Prints notices.
pub(crate) fn tell(notices: &[Notice]) {
    print(&lines(notices));
}

/// The lines of notices.
pub(crate) fn lines(notices: &[Notice]) -> Vec<Line> {
    notices.iter().map(line).collect()
}

fn line(notice: &Notice) -> Line {
    let text = notice.to_string();
    match notice {
        Notice::SettingsIgnored { .. }
        | Notice::ProgramsOff { .. }
        | Notice::Unrecorded { .. }
        | Notice::VariableUnset(_)
        | Notice::CheckTightened { .. }
        | Notice::CheckNote(_)
        | Notice::SettingsFileChanged => warning_line(&text),
        Notice::SettingsLoosened { .. } | Notice::InstructionsOff { .. } | Notice::Recovered { .. } => {
            Line::new(Tone::Warning, &text)
        }
        Notice::Waiting { turn_id, .. } => {
            let hint = format!("{text}; `codex-turns pipeline resume {turn_id}` continues it");
            Line::new(Tone::Warning, &hint)
        }
        Notice::Instructions { .. } => Line::new(Tone::Dim, &text),
        Notice::ClaimsOn { .. } | Notice::PushesTo { .. } | Notice::NotRecordedHere | _ => {
            Line::new(Tone::Plain, &text)
        }
    }
}
