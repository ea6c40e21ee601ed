//! [`words`]: the paths and patterns that a command may name.

use std::collections::BTreeSet;

/// A command that names more is not looked at.
const WORDS: usize = 10_000;

/// The words of a command that may name a file, as a shell or a program reads them: with and without quotes, backslashes
/// and braces. `None` if there are too many.
pub(super) fn words(command: &str) -> Option<BTreeSet<String>> {
    // The folder that commands run in.
    let command = command.replace("${PWD}", ".").replace("$PWD", ".");
    let bare: String = command.chars().filter(|character| !"\"'\\".contains(*character)).collect();
    let mut words = BTreeSet::new();
    for text in [command.as_str(), bare.as_str()] {
        // Without a shell, a path may contain any of these.
        words.extend(text.lines().chain(text.split(char::is_whitespace)).map(str::to_owned));
        words.extend(pieces(text).map(str::to_owned));
        for word in text.split(|character: char| character.is_whitespace() || ";|&<>()`".contains(character))
        {
            for word in braces(word, WORDS)? {
                words.extend(pieces(&word).map(str::to_owned));
                words.insert(word);
            }
        }
        words.extend(modules(text));
        if words.len() > WORDS {
            return None;
        }
    }
    words.retain(|word| !word.is_empty() && word.len() < 4096);
    Some(words)
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || "\"'`;|&<>(){}$=,:".contains(character))
}

/// What a word with braces becomes: `ci/{a,b}.sh` two words.
fn braces(word: &str, limit: usize) -> Option<Vec<String>> {
    let mut open = vec![word.to_owned()];
    let mut done = Vec::new();
    while let Some(word) = open.pop() {
        if open.len() + done.len() > limit {
            return None;
        }
        let innermost = word.find('}').and_then(|end| Some((word[..end].rfind('{')?, end)));
        let Some((start, end)) = innermost else {
            done.push(word);
            continue;
        };
        let choices = word[start + 1..end].split(',');
        open.extend(choices.map(|choice| format!("{}{choice}{}", &word[..start], &word[end + 1..])));
    }
    Some(done)
}

/// The files of Python modules that `-m` names.
fn modules(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_next = false;
    for word in text.split_whitespace() {
        let is_flag = word.starts_with('-') && !word.starts_with("--");
        let attached = word.strip_prefix("-m").filter(|name| !name.is_empty());
        if let Some(name) = attached.or(is_next.then_some(word)) {
            let path = name.replace('.', "/");
            found.extend(["", "/__main__", "/__init__"].map(|end| format!("{path}{end}.py")));
            let parents = path.match_indices('/').map(|(at, _)| format!("{}/__init__.py", &path[..at]));
            found.extend(parents.collect::<Vec<_>>());
        }
        is_next = is_flag && word.ends_with('m');
    }
    found
}
