//! What real releases of Codex printed, line by line and folded.

use std::collections::BTreeMap;

use codex_fixtures::{PINNED_CODEX_VERSION, RecordedStream, streams};
use codex_protocol::{
    Boundary, DecodeError, EventLine, RolloutSummary, StopCause, TransportEnd, TurnSummary, Usage, Verdict,
};
use serde_json::{Value, json};

/// The lines of a stream; the last one may lack its line feed, if Codex was killed.
fn lines(stream: &RecordedStream) -> Vec<EventLine> {
    let bytes = stream.bytes();
    let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    if whole.is_empty() {
        return Vec::new();
    }
    (1..).zip(whole.split(|byte| *byte == b'\n')).map(|(number, raw)| EventLine::new(number, raw)).collect()
}

fn fold(stream: &RecordedStream) -> TurnSummary {
    let mut summary = TurnSummary::new();
    for line in &lines(stream) {
        summary.observe(line);
    }
    summary
}

fn name(stream: &RecordedStream) -> String {
    format!("{}/{}", stream.codex_version, stream.scenario)
}

/// How the process ended; what the recorder itself did to it counts as a cancel.
fn end(stream: &RecordedStream) -> TransportEnd {
    let end = match (stream.meta.exit_code, stream.meta.signal) {
        (Some(code), _) => TransportEnd::exited(code),
        (None, Some(signal)) => TransportEnd::killed(signal),
        (None, None) => TransportEnd::unreaped(),
    };
    if stream.meta.sent_signal.is_some() { end.stopped_by(StopCause::Cancelled) } else { end }
}

#[test]
fn every_line_is_decoded_and_known() {
    let mut seen = 0;
    for stream in streams() {
        for line in lines(&stream) {
            let at = format!("{} line {}", name(&stream), line.number());
            let event = line.event().unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_ne!(serde_json::to_value(event).unwrap()["type"], Value::Null, "{at}");
            seen += 1;
        }
        let summary = fold(&stream);
        assert_eq!((summary.undecodable(), summary.unknown()), (0, 0), "{}", name(&stream));
        assert_eq!(summary.lines_after_terminal(), 0, "{}", name(&stream));
    }
    assert!(seen > 300, "only {seen} lines were recorded");
}

/// Every key that the pinned release prints is a field of ours; a key more would be missing here.
#[test]
fn the_typed_view_of_the_pinned_release_is_lossless() {
    for stream in streams().into_iter().filter(|stream| stream.codex_version == PINNED_CODEX_VERSION) {
        for line in lines(&stream) {
            let printed: Value = serde_json::from_slice(line.raw()).unwrap();
            let written = serde_json::to_value(line.event().unwrap()).unwrap();
            assert_eq!(written, printed, "{} line {}", name(&stream), line.number());
        }
    }
}

#[test]
fn the_boundary_of_a_line_agrees_with_its_event() {
    for stream in streams() {
        for line in lines(&stream) {
            let boundary = line.boundary();
            let at = format!("{} line {}", name(&stream), line.number());
            assert_eq!(boundary == Boundary::TurnEnded, line.event().unwrap().is_terminal(), "{at}");
            assert_eq!(matches!(boundary, Boundary::ThreadStarted(_)), line.number() == 1, "{at}");
        }
    }
}

#[test]
fn the_terminal_event_is_the_recorded_one() {
    for stream in streams() {
        let terminal = lines(&stream).iter().find(|line| line.boundary() == Boundary::TurnEnded).cloned();
        let terminal = terminal.map(|line| line.event().unwrap().name().to_owned());
        assert_eq!(terminal, stream.meta.terminal, "{}", name(&stream));
    }
}

#[test]
fn a_stream_cut_anywhere_is_never_a_success() {
    for stream in streams() {
        let mut lines = lines(&stream);
        lines.pop();
        let mut summary = TurnSummary::new();
        for line in &lines {
            summary.observe(line);
        }
        let verdict = Verdict::decide(&summary, &TransportEnd::exited(0));
        assert_eq!(verdict, Verdict::Truncated, "{}", name(&stream));
    }
}

#[test]
fn half_a_line_is_undecodable_and_within() {
    for stream in streams() {
        for line in lines(&stream) {
            let raw = line.raw();
            let half = EventLine::new(line.number(), &raw[..raw.len() / 2]);
            let error = half.event().unwrap_err();
            assert!(matches!(error, DecodeError::NotJson { .. } | DecodeError::NotUtf8 { .. }), "{error:?}");
            assert_eq!(half.boundary(), Boundary::Within);
        }
    }
}

#[test]
fn each_stream_folds_to_its_snapshot() {
    for stream in streams() {
        let summary = fold(&stream);
        let verdict = Verdict::decide(&summary, &end(&stream));
        let mut snapshot = json!({ "verdict": verdict, "summary": summary });
        shorten(&mut snapshot);
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(stream.meta.about.clone());
        settings.set_snapshot_path(format!("snapshots/{}", stream.codex_version));
        settings.bind(|| insta::assert_json_snapshot!(stream.scenario.as_str(), snapshot));
    }
}

/// Cuts long texts, of which their first bytes and their length are enough.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().count() > 400 => {
            let head: String = text.chars().take(80).collect();
            *text = format!("{head} [{} bytes in all]", text.len());
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The turns of one thread, each in a process of its own: the stream has the thread's totals, the rollout the
/// turns' shares.
#[test]
fn the_shares_of_the_turns_add_up_to_the_total_of_the_thread() {
    let mut threads: BTreeMap<_, Vec<RecordedStream>> = BTreeMap::new();
    for stream in streams() {
        if let Some(rollout) = stream.rollout() {
            threads.entry(rollout).or_default().push(stream);
        }
    }
    assert!(!threads.is_empty(), "no rollout was recorded");
    for (path, streams) in threads {
        let bytes = std::fs::read(&path).unwrap();
        let mut rollout = RolloutSummary::new();
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .for_each(|line| rollout.observe(line));
        let path = path.display();
        assert_eq!(rollout.unreadable(), 0, "{path}");
        assert_eq!(rollout.turns().len(), streams.len(), "{path}");

        let printed: Vec<u64> =
            streams.iter().map(|stream| fold(stream).usage().map_or(0, Usage::total)).collect();
        let shares: Vec<u64> =
            rollout.turns().iter().map(|turn| turn.usage.map_or(0, |usage| usage.total())).collect();
        // Of a turn that was killed, only the rollout says what it used.
        let Some(&total) = printed.last().filter(|total| **total > 0) else { continue };
        assert_eq!(rollout.thread_usage().map(|usage| usage.total()), Some(total), "{path}");
        if ["0.44.0", "0.45.0"].contains(&streams[0].codex_version.as_str()) {
            assert_eq!(shares, printed, "{path}: these count each process by itself");
        } else if streams.iter().all(|stream| stream.meta.signal.is_none()) {
            assert_eq!(shares.iter().sum::<u64>(), total, "{path}");
        } else {
            assert!(shares.iter().sum::<u64>() > total, "{path}: the total lacks what a killed turn used");
        }
    }
}

#[test]
fn the_total_of_a_resumed_thread_is_not_the_turns_share() {
    let usage =
        |scenario| fold(&codex_fixtures::stream(PINNED_CODEX_VERSION, scenario)).usage().copied().unwrap();
    let totals = ["usage_resume_1", "usage_resume_2", "usage_resume_3"].map(usage);
    let shares: Vec<Option<Usage>> = totals.windows(2).map(|pair| pair[1].checked_sub(&pair[0])).collect();
    assert!(totals.is_sorted_by_key(Usage::total), "{totals:?}");
    assert!(shares.iter().all(Option::is_some), "{shares:?}");
}
