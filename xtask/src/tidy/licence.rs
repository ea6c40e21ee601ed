//! [`is_allowed`]: whether a licence expression can be met with a list of licences.

/// Reads `A OR B`, `A AND B`, `(..)`, `A WITH exception` and the old `A/B`; `AND` binds tighter than `OR`.
pub(super) fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    any(&mut words, allowed) && words.is_empty()
}

fn any(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    let mut met = all(words, allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    let mut met = one(words, allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    match words.pop() {
        Some("(") => {
            let met = any(words, allowed);
            words.pop_if(|word| *word == ")").is_some() && met
        }
        Some(licence) => {
            let mut licence = licence.to_owned();
            if words.pop_if(|word| *word == "WITH").is_some() {
                licence = format!("{licence} WITH {}", words.pop().unwrap_or_default());
            }
            allowed.contains(&licence.as_str())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_as_their_words_say() {
        for (expression, met) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Zlib", true),
            ("MIT OR GPL-3.0 AND GPL-2.0", true),
            ("(MIT OR GPL-3.0) AND GPL-2.0", false),
            ("Zlib WITH bells", true),
            ("MIT WITH bells", false),
            ("(MIT", false),
            ("MIT MIT", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &["MIT", "Zlib", "Zlib WITH bells"]), met, "{expression}");
        }
    }
}
