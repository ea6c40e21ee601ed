//! [`Watch`]: the files of a project that speak to an agent or start programs.

mod scan;

pub(crate) use self::scan::Watched;
use crate::git::{Changes, PathChangeKind};
use crate::manifest::Violation;

/// The kind of the violations that name a watched file.
pub(crate) const PROJECT_LAYER_CHANGED: &str = "project-layer-changed";
/// The kind of the violations that name paths which git does not store.
pub(crate) const UNSEEN: &str = "unseen-by-git";
/// The kind of the violation that says that a turn has left too much to look through.
pub(crate) const WATCH_INCOMPLETE: &str = "watch-incomplete";

/// Names the files whose change during a turn is a violation, since they speak to the agent of a later turn or start
/// programs.
///
/// A pattern is a path from the top of the worktree. `**/` at its beginning means every depth, `/**` at its end a folder
/// and everything below it. Names are compared without case, as some file systems do, and whatever takes the place of a
/// folder on the way, such as a link, counts too.
///
/// ```
/// use codex_ledger::record::Watch;
///
/// let watch = Watch::default();
/// assert!(watch.covers("AGENTS.md") && watch.covers("docs/agents.MD"));
/// assert!(watch.covers("sub/.codex/config.toml") && watch.covers("codex-turns.toml"));
/// assert!(watch.covers(".agents"), "a link in the place of the folder");
/// assert!(!watch.covers("src/lib.rs") && !watch.covers("docs/codex-turns.toml"));
/// assert!(Watch::nothing().and("ci/**").covers("CI/deploy.sh"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a list does nothing until it is put into the options of a ledger"]
pub struct Watch {
    patterns: Vec<WatchPattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct WatchPattern {
    parts: Vec<String>,
    depth: Depth,
    reach: PatternReach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Top,
    Every,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternReach {
    Itself,
    Below,
}

impl Default for Watch {
    fn default() -> Self {
        let patterns = [
            "codex-turns.toml",
            "**/.codex/**",
            "**/AGENTS.md",
            "**/AGENTS.override.md",
            "**/.agents/skills/**",
        ];
        patterns.into_iter().fold(Self::nothing(), Self::and)
    }
}

impl Watch {
    /// Watches nothing.
    pub fn nothing() -> Self {
        Self { patterns: Vec::new() }
    }

    /// Adds a pattern.
    pub fn and(mut self, pattern: impl AsRef<str>) -> Self {
        let pattern = pattern.as_ref();
        let (pattern, depth) = match pattern.strip_prefix("**/") {
            Some(rest) => (rest, Depth::Every),
            None => (pattern, Depth::Top),
        };
        let (pattern, reach) = match pattern.strip_suffix("/**") {
            Some(rest) => (rest, PatternReach::Below),
            None => (pattern, PatternReach::Itself),
        };
        let parts: Vec<String> = pattern.split('/').filter(|part| !part.is_empty()).map(fold).collect();
        if !parts.is_empty() {
            self.patterns.push(WatchPattern { parts, depth, reach });
        }
        self
    }

    /// Whether a file of this path from the top of the worktree is watched.
    pub fn covers(&self, path: impl AsRef<str>) -> bool {
        let parts: Vec<String> = path.as_ref().split('/').map(fold).collect();
        self.covers_parts(&parts)
    }

    /// The same for the folded parts of a path.
    fn covers_parts(&self, parts: &[String]) -> bool {
        self.patterns.iter().any(|pattern| pattern.covers(parts))
    }

    /// Whether a name can be the last of a watched path that is not below a watched folder; says yes too often.
    fn may_be_named(&self, name: &[u8]) -> bool {
        let mut parts = self.patterns.iter().flat_map(|pattern| &pattern.parts);
        !name.is_ascii() || parts.any(|part| part.as_bytes().eq_ignore_ascii_case(name))
    }

    fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

impl WatchPattern {
    fn covers(&self, parts: &[String]) -> bool {
        match self.depth {
            Depth::Top => self.covers_from(parts),
            Depth::Every => (0..parts.len()).any(|start| self.covers_from(&parts[start..])),
        }
    }

    /// A path that ends on the way to the folder stands in its place, as nothing but files has a path here.
    fn covers_from(&self, parts: &[String]) -> bool {
        let common = self.parts.iter().zip(parts).take_while(|(own, other)| own == other).count();
        let is_on_the_way = common == parts.len() && common > 0;
        match self.reach {
            PatternReach::Itself => common == self.parts.len() && common == parts.len() || is_on_the_way,
            PatternReach::Below => common == self.parts.len() || is_on_the_way,
        }
    }
}

/// The watched files among what differs between two trees, but for those that are named already.
pub(crate) fn violations(watch: &Watch, changes: &Changes, named: &[Violation]) -> Vec<Violation> {
    let is_named = |path: &str| {
        named.iter().any(|one| one.kind == PROJECT_LAYER_CHANGED && one.path.as_deref() == Some(path))
    };
    let mut violations = Vec::new();
    for change in &changes.entries {
        let path = change.path.to_string();
        if watch.covers(&path) && !is_named(&path) {
            let what = match change.kind {
                PathChangeKind::Added => "was added",
                PathChangeKind::Modified => "was changed",
                PathChangeKind::Deleted => "was deleted",
            };
            violations.push(scan::changed(&path, what));
        }
    }
    violations
}

/// A name as file systems that know no case compare it: the same for all that such a system takes for one name.
fn fold(name: &str) -> String {
    let is_visible = |letter: &char| !matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    // Upper case first: `ſ` and `K` become the letters that they are compared as.
    name.chars().filter(is_visible).flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Watch;

    #[rstest]
    #[case::at_the_top("codex-turns.toml", true)]
    #[case::not_deeper("a/codex-turns.toml", false)]
    #[case::any_case("CODEX-turns.TOML", true)]
    #[case::every_depth("a/b/AGENTS.md", true)]
    #[case::override_file("a/AGENTS.override.md", true)]
    #[case::like_it("a/AGENTS.md.bak", false)]
    #[case::folder("a/.codex/agents/x.toml", true)]
    #[case::in_its_place("a/.codex", true)]
    #[case::nested(".codex/.codex/x", true)]
    #[case::skills(".agents/skills/s/SKILL.md", true)]
    #[case::deep_skills("a/.agents/skills/s/SKILL.md", true)]
    #[case::other_agents(".agents/notes.md", false)]
    #[case::link_on_the_way("a/.agents", true)]
    #[case::long_s("AGENT\u{17f}.md", true)]
    #[case::kelvin_sign(".agents/s\u{212a}ills/x", true)]
    #[case::zero_width(".co\u{200c}dex/config.toml", true)]
    #[case::other("src/lib.rs", false)]
    fn the_default_list(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(Watch::default().covers(path), expected);
    }

    #[test]
    fn an_empty_pattern_covers_nothing() {
        let watch = Watch::nothing().and("").and("/").and("**/");
        assert!(!watch.covers("a") && watch.is_empty());
    }
}
