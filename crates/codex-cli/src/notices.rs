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
        Notice::SettingsIgnored { .. } | Notice::ProgramsOff { .. } => warning_line(&text),
        Notice::SettingsLoosened { .. } | Notice::InstructionsOff { .. } => Line::new(Tone::Warning, &text),
        Notice::Instructions { .. } => Line::new(Tone::Dim, &text),
        Notice::ClaimsOn { .. } | Notice::PushesTo { .. } | _ => Line::new(Tone::Plain, &text),
    }
}
