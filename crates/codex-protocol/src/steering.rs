//! Characters that steer a screen or hide from its reader, instead of being read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is for the screen rather than for its reader.
///
/// These are control characters, those that change the direction of text, separators of lines and paragraphs, and all
/// that leave no mark: joiners, variation selectors, fillers, the soft hyphen, and tags, which spell ASCII out of
/// sight. Line feed and tab are among them; a caller that wants them asks for them first. Some are rightly used by
/// scripts and emoji: [`steering`] looks at what is around them.
///
/// ```
/// use codex_protocol::is_steering;
///
/// assert!(['\u{1b}', '\u{9b}', '\u{202e}', '\u{61c}', '\u{200b}', '\u{ad}', '\u{e0041}'].into_iter().all(is_steering));
/// assert!(!['a', 'é', ' ', '日', '🦀', '\u{fffd}'].into_iter().any(is_steering));
/// ```
pub fn is_steering(character: char) -> bool {
    matches!(character,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || character.is_control()
}

/// The steering characters of a text, each with the index of its first byte.
///
/// A joiner within an emoji or within a word of a script that needs it, and one variation selector behind a character
/// that is seen, are left out: they are read.
///
/// ```
/// use codex_protocol::steering;
///
/// assert_eq!(steering("a\u{200d}b").collect::<Vec<_>>(), [(1, '\u{200d}')]);
/// assert_eq!(steering("👩\u{200d}🔬 ✔\u{fe0f} می\u{200c}خواهم").count(), 0);
/// ```
pub fn steering(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut before = None;
    text.char_indices().filter(move |&(index, character)| {
        let previous = before.replace(character);
        is_steering(character) && !is_read(previous, character, &text[index + character.len_utf8()..])
    })
}

/// Writes the steering characters of a JSON text as `\uXXXX`, which leaves its values as they are.
///
/// White space between tokens stays. So does no `##`, with which some build services begin a command: its second
/// sign is escaped as well.
///
/// ```
/// use codex_protocol::escape_steering_in_json;
///
/// assert_eq!(escape_steering_in_json("{\"a\":\"x\u{202e}\u{e0041}\"}"), r#"{"a":"x\u202e\udb40\udc41"}"#);
/// ```
pub fn escape_steering_in_json(json: &str) -> Cow<'_, str> {
    // What is below it and steers is white space between tokens, or was escaped by whoever wrote the JSON.
    let is_escaped = |character| character >= '\u{7f}' && is_steering(character);
    if !json.contains("##") && !json.chars().any(is_escaped) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    let mut before = None;
    for character in json.chars() {
        if is_escaped(character) || character == '#' && before == Some('#') {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("writing to a string does not fail");
            }
        } else {
            escaped.push(character);
        }
        before = Some(character);
    }
    Cow::Owned(escaped)
}

/// Whether a character that could steer is rightly where it is.
fn is_read(previous: Option<char>, character: char, rest: &str) -> bool {
    let (Some(previous), next) = (previous, rest.chars().next()) else { return false };
    match character {
        '\u{200d}' if is_emoji(previous) || previous == '\u{fe0f}' => next.is_some_and(is_emoji),
        '\u{200d}' => needs_joiners(previous),
        '\u{200c}' => needs_joiners(previous) && next.is_some_and(needs_joiners),
        '\u{fe00}'..='\u{fe0f}' => !is_steering(previous) && !previous.is_whitespace(),
        '\u{e0100}'..='\u{e01ef}' => is_han(previous),
        _ => false,
    }
}

fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Whether words of its script are written with joiners: Arabic, Syriac, N'Ko, the scripts of India, Myanmar, Khmer and
/// Mongolian.
fn needs_joiners(character: char) -> bool {
    matches!(character,
        '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17b3}'
        | '\u{17b6}'..='\u{17ff}' | '\u{1810}'..='\u{18af}' | '\u{a840}'..='\u{a8ff}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}')
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left out of a text, as code points.
    fn found(text: &str) -> Vec<u32> {
        steering(text).map(|(_, character)| u32::from(character)).collect()
    }

    #[test]
    fn what_steers_is_found() {
        let all = [
            0x0, 0x7, 0x8, 0x9, 0xa, 0xd, 0x1b, 0x7f, 0x80, 0x85, 0x90, 0x9b, 0x9d, 0x9f, 0xad, 0x34f, 0x61c,
            0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060,
            0x2066, 0x2069, 0x206f, 0x3164, 0xfeff, 0xfff9, 0x1d173, 0xe0000, 0xe0001, 0xe0020, 0xe007f,
            0xe01ef,
        ];
        for point in all {
            let character = char::from_u32(point).unwrap();
            assert!(is_steering(character), "{point:x}");
            assert_eq!(found(&format!("a{character}b")), [point]);
            assert_eq!(found(&character.to_string()), [point]);
        }
    }

    #[test]
    fn what_is_read_is_kept() {
        for text in [
            "plain é ß 日本語 한국어 ไทย עברית العربية",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "👩🏽\u{200d}🔬 🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f}\u{200d}🔥 🐈\u{200d}⬛ 🙂\u{200d}↔\u{fe0f}",
            "1\u{fe0f}\u{20e3} ✔\u{fe0e}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष श्री\u{200c}मान् ල\u{dca}\u{200d}ය",
            "葛\u{e0100}城",
        ] {
            assert_eq!(found(text), Vec::<u32>::new(), "{text}");
        }
    }

    #[test]
    fn what_hides_behind_what_is_read_is_found() {
        for (text, expected) in [
            ("👩\u{200d}\u{200d}🔬", &[0x200d, 0x200d][..]),
            ("👩\u{200d}x", &[0x200d]),
            ("👩\u{200d}", &[0x200d]),
            ("می\u{200c}\u{200c}خواهم", &[0x200c, 0x200c]),
            ("می\u{200c} x", &[0x200c]),
            ("✔\u{fe0f}\u{fe0f}", &[0xfe0f]),
            (" \u{fe0f}", &[0xfe0f]),
            ("a\u{e0100}", &[0xe0100]),
            ("葛\u{e0100}\u{e0101}", &[0xe0101]),
            ("🏴\u{e0067}\u{e007f}", &[0xe0067, 0xe007f]),
        ] {
            assert_eq!(found(text), expected, "{text:?}");
        }
    }

    #[test]
    fn escaped_json_has_the_same_values_and_nothing_that_steers() {
        let value = serde_json::json!({
            "a\u{202e}": ["\u{1b}[31m", "\u{7f}\u{9b}", "\u{ad}\u{61c}\u{200b}\u{feff}", "\u{e0041}\u{e007f}"],
            "b": "##vso[task] ##[x] ####", "c": "日本語 👩\u{200d}🔬 \\u202e \n\t",
        });
        for json in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            let escaped = escape_steering_in_json(&json);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
            assert!(!escaped.chars().any(|character| character != '\n' && is_steering(character)));
            assert!(!escaped.contains("##"));
        }
        assert!(matches!(escape_steering_in_json("{\"a\": \"é\"}"), Cow::Borrowed(_)));
    }
}
