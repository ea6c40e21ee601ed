//! [`split`]: takes a Rust file apart into code, literals and comments, line by line.

/// One line of a Rust file, in parts that keep their columns apart from what is not theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CodeLine {
    /// The code; comments are left out, a literal is two quotes with nothing between.
    pub(super) code: String,
    /// What stands inside string literals, one entry a literal.
    pub(super) literals: Vec<String>,
    /// What stands in comments.
    pub(super) comment: String,
}

/// Takes a file apart. Text that is no Rust gives nonsense, but never a panic.
pub(super) fn split(text: &str) -> Vec<CodeLine> {
    let mut lexer = Lexer { letters: text.chars().collect(), at: 0, lines: vec![CodeLine::default()] };
    while let Some(letter) = lexer.peek(0) {
        lexer.step(letter);
    }
    lexer.lines
}

struct Lexer {
    letters: Vec<char>,
    at: usize,
    lines: Vec<CodeLine>,
}

#[derive(Clone, Copy)]
enum CodePart {
    Code,
    Literal,
    Comment,
}

impl Lexer {
    fn step(&mut self, letter: char) {
        match (letter, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.literal(0, Escapes::Read),
            ('r' | 'b' | 'c', _) if !self.is_after_a_word() => self.prefixed(),
            ('\'', _) => self.quote(),
            _ => self.take(CodePart::Code),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn is_after_a_word(&self) -> bool {
        self.at > 0 && is_word(self.letters[self.at - 1])
    }

    fn take(&mut self, part: CodePart) {
        let Some(letter) = self.peek(0) else { return };
        self.at += 1;
        if letter == '\n' {
            self.lines.push(CodeLine::default());
            if matches!(part, CodePart::Literal) {
                self.line().literals.push(String::new());
            }
            return;
        }
        let line = self.line();
        match part {
            CodePart::Code => line.code.push(letter),
            CodePart::Comment => line.comment.push(letter),
            CodePart::Literal => match line.literals.last_mut() {
                Some(literal) => literal.push(letter),
                None => line.literals.push(letter.to_string()),
            },
        }
    }

    fn line(&mut self) -> &mut CodeLine {
        self.lines.last_mut().expect("there is a line from the start on")
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|letter| letter != '\n') {
            self.take(CodePart::Comment);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return,
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                _ => {
                    self.take(CodePart::Comment);
                    continue;
                }
            }
            self.take(CodePart::Comment);
            self.take(CodePart::Comment);
            if depth == 0 {
                return;
            }
        }
    }

    /// A letter that may begin a raw string, a byte string or a raw name.
    fn prefixed(&mut self) {
        let mut ahead = 0;
        while matches!(self.peek(ahead), Some('r' | 'b' | 'c')) {
            ahead += 1;
        }
        let is_raw = self.letters[self.at..self.at + ahead].contains(&'r');
        let mut hashes = 0;
        while is_raw && self.peek(ahead + hashes) == Some('#') {
            hashes += 1;
        }
        if self.peek(ahead + hashes) == Some('"') {
            for _ in 0..ahead + hashes {
                self.take(CodePart::Code);
            }
            self.literal(hashes, if is_raw { Escapes::Keep } else { Escapes::Read });
        } else {
            while self.peek(0).is_some_and(is_word) {
                self.take(CodePart::Code);
            }
        }
    }

    fn literal(&mut self, hashes: usize, escapes: Escapes) {
        self.take(CodePart::Code);
        self.line().literals.push(String::new());
        while let Some(letter) = self.peek(0) {
            if letter == '\\' && matches!(escapes, Escapes::Read) {
                self.take(CodePart::Literal);
            } else if letter == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                for _ in 0..=hashes {
                    self.take(CodePart::Code);
                }
                return;
            }
            self.take(CodePart::Literal);
        }
    }

    /// A letter between quotes, or else a lifetime.
    fn quote(&mut self) {
        let is_letter = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        self.take(CodePart::Code);
        if !is_letter {
            return;
        }
        if self.peek(0) == Some('\\') {
            self.at += 1;
        }
        self.at += 1;
        while self.peek(0).is_some_and(|letter| letter != '\'' && letter != '\n') {
            self.at += 1;
        }
        self.take(CodePart::Code);
    }
}

#[derive(Clone, Copy)]
enum Escapes {
    Read,
    Keep,
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether the pattern stands in the text, and not as a part of a longer word.
pub(super) fn stands_in(text: &str, pattern: &str) -> bool {
    let begins_word = pattern.starts_with(is_word);
    let ends_word = pattern.ends_with(is_word);
    text.match_indices(pattern).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + pattern.len()..].chars().next().is_some_and(is_word);
        !(begins_word && before || ends_word && after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str, literals: &[&str], comment: &str) {
        let lines = split(text);
        let found: Vec<&str> = lines.iter().flat_map(|line| &line.literals).map(String::as_str).collect();
        let joined = |part: fn(&CodeLine) -> &str| lines.iter().map(part).collect::<Vec<_>>().join("\n");
        assert_eq!(joined(|line| &line.code), code, "code of {text:?}");
        assert_eq!(found, literals, "literals of {text:?}");
        assert_eq!(joined(|line| &line.comment), comment, "comment of {text:?}");
    }

    #[test]
    fn code_literals_and_comments_are_told_apart() {
        check("let a = 1; // one \"two\"", "let a = 1; ", &[], "// one \"two\"");
        check("a /* b /* c */ \" */ d", "a  d", &[], "/* b /* c */ \" */");
        check(r#"f("a // b", "c")"#, r#"f("", "")"#, &["a // b", "c"], "");
        check(r#"f("a \" b\\") // c"#, r#"f("") "#, &[r#"a \" b\\"#], "// c");
        check(r##"r#"a "b" \"# + b"c""##, "r#\"\"# + b\"\"", &[r#"a "b" \"#, "c"], "");
    }

    #[test]
    fn a_letter_is_no_string_and_a_lifetime_is_no_letter() {
        check(r#"let q = '"'; let s = "x";"#, r#"let q = ''; let s = "";"#, &["x"], "");
        check(r#"('\'', '\\', '\u{1F}', b'"', "x")"#, r#"('', '', '', b'', "")"#, &["x"], "");
        check(r#"fn f<'a>(x: &'a str) { "x" }"#, r#"fn f<'a>(x: &'a str) { "" }"#, &["x"], "");
        check(r#"barb.r#type("x")"#, r#"barb.r#type("")"#, &["x"], "");
    }

    #[test]
    fn a_literal_over_two_lines_is_two_entries() {
        check("f(\"a\nb\");", "f(\"\n\");", &["a", "b"], "\n");
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["", "\"", "'", "'\\", "r#", "r#\"", "/*", "b'", "\\", "r", "'\\u{"] {
            split(text);
        }
    }
}
