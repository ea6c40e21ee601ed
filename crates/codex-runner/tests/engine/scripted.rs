//! [`Scripted`]: a transport that answers each turn from a script, and keeps what it was asked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use codex_exec::{EventStream, Invocation};
use codex_turn::{Codex, RunTurn, TurnLines, TurnRequest};
use serde_json::json;

/// What one turn does.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It completes with this message, after writing a file.
    Message(&'static str, Option<(PathBuf, &'static str)>),
    /// It fails with this message.
    Fails(&'static str),
}

/// Answers each turn from a script, and keeps what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Scripted {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Invocation>>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self { answers, asked: Arc::default() }
    }

    pub(crate) fn codex(&self) -> Codex {
        Codex::builder().transport(Arc::new(self.clone())).build().unwrap()
    }

    /// What was asked, turn by turn.
    pub(crate) fn asked(&self) -> Vec<Invocation> {
        self.asked.lock().unwrap().clone()
    }

    /// The prompts, turn by turn.
    pub(crate) fn prompts(&self) -> Vec<String> {
        self.asked().iter().map(|invocation| invocation.parts().prompt().to_owned()).collect()
    }
}

impl RunTurn for Scripted {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(request.invocation.clone());
        let number = asked.len();
        let thread = match request.invocation.parts().target.resumed_thread() {
            Some(thread) => thread.to_string(),
            None => format!("019b7c2a-1111-7000-8000-{number:012}"),
        };
        let started = json!({ "type": "thread.started", "thread_id": thread });
        let answer = self.answers.lock().unwrap().pop_front().expect("the script has an answer");
        let rest = match answer {
            Answer::Message(text, file) => {
                if let Some((path, contents)) = file {
                    std::fs::write(path, contents).unwrap();
                }
                let item = json!({ "id": "item_0", "type": "agent_message", "text": text });
                let usage = json!({ "input_tokens": 10, "cached_input_tokens": 0, "output_tokens": 1 });
                vec![
                    json!({ "type": "item.completed", "item": item }),
                    json!({ "type": "turn.completed", "usage": usage }),
                ]
            }
            Answer::Fails(message) => {
                vec![json!({ "type": "turn.failed", "error": { "message": message } })]
            }
        };
        let lines = [started, json!({ "type": "turn.started" })].into_iter().chain(rest);
        Box::new(EventStream::from_lines(lines.map(|line| line.to_string()).collect::<Vec<_>>()))
    }
}
