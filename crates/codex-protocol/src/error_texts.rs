//! What the errors of this crate say: all of them, in one snapshot.

use codex_fixtures::{ErrorTexts, error_texts};

use crate::{DecodeError, EventLine, ThreadId};

#[test]
fn every_error_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let of = |line: EventLine| line.event().expect_err("the line is broken").clone();
    error_texts!(
        texts,
        DecodeError {
            NotUtf8: of(EventLine::new(1, *b"{\"type\":\"\xff\"}")),
            NotJson: of(EventLine::new(1, *b"{\"type\":}")),
            NoType: of(EventLine::new(1, *b"{}")),
            Broken: of(EventLine::new(
                1,
                *br#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":7}}"#,
            )),
            TooLong: of(EventLine::cut(1, *b"{\"type\"", 70_000_000)),
        }
    );
    texts.add("InvalidThreadId", &ThreadId::parse("last").expect_err("it is no id"));
    insta::assert_snapshot!(texts);
}
