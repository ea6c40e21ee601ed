//! [`BenchReport`]: what was measured, beside its floors and its goals, as a page of Markdown.

use std::fmt;

use super::samples::Samples;

/// A page with a table, a row for each measurement.
#[derive(Debug, Default)]
pub(super) struct BenchReport {
    rows: Vec<Row>,
}

/// One measurement.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) value: Value,
    /// What it is compared with.
    pub(super) floor: Option<(String, Value)>,
    pub(super) goal: Option<Goal>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Nanoseconds(f64),
    Bytes(f64),
    Count(f64),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// At most so many times the floor.
    Ratio(f64),
    AtMost(Value),
}

/// What is taken from the benchmarks: its name, group, function and value there, its floor as a function of the same group.
struct Measure {
    what: &'static str,
    benchmark: [&'static str; 3],
    floor: Option<(&'static str, &'static str)>,
    goal: Option<Goal>,
}

const MEASURES: &[Measure] = &[
    Measure {
        what: "10,000 lines to typed events, each kept",
        benchmark: ["decode", "lines kept, events", ""],
        floor: Some(("serde_json into one struct", "floor: serde_json, one owned struct")),
        goal: None,
    },
    Measure {
        what: "200,000 lines, 86 MB, from a pipe to typed events, each raw line kept",
        benchmark: ["stream", "typed_with_raw", ""],
        floor: Some(("one thread that reads, serde_json into owned structs", "floor/serde_json_owned")),
        goal: Some(Goal::Ratio(0.8)),
    },
    Measure {
        what: "the same in CPU time of all threads",
        benchmark: ["stream_cpu", "typed_with_raw", ""],
        floor: Some(("the same", "floor/serde_json_owned")),
        goal: None,
    },
    Measure {
        what: "one turn of a program that ends at once, CPU time",
        benchmark: ["turn_cpu", "supervised", ""],
        floor: Some(("start it, read it, wait", "bare")),
        goal: None,
    },
    Measure {
        what: "64 turns at once, CPU time for each",
        benchmark: ["turns", "64 at once", ""],
        floor: Some(("one turn at a time", "1 at once")),
        goal: Some(Goal::Ratio(1.25)),
    },
    Measure {
        what: "from a cancel until nothing is left, Codex cooperating",
        benchmark: ["cancel", "to nothing left", ""],
        floor: None,
        goal: Some(Goal::AtMost(Value::Nanoseconds(1e8))),
    },
    Measure {
        what: "a check that does nothing, in Codex's sandbox",
        benchmark: ["commands", "in the sandbox", ""],
        floor: Some(("`codex sandbox` with one writable folder", "codex alone")),
        goal: None,
    },
    Measure {
        what: "a number claimed, beside 10,000 records",
        benchmark: ["claim", "with the cache", "10000"],
        floor: Some(("git alone", "git alone")),
        goal: None,
    },
    Measure {
        what: "a record claimed and sealed, beside 10 records",
        benchmark: ["record", "claim and seal", "10"],
        floor: Some(("the starts of git", "git alone")),
        goal: None,
    },
    Measure {
        what: "the same in CPU time, with that of git",
        benchmark: ["record_cpu", "claim and seal", "10"],
        floor: Some(("the starts of git", "git alone")),
        goal: None,
    },
    Measure {
        what: "a record claimed and sealed, beside 10,000 records",
        benchmark: ["record", "claim and seal", "10000"],
        floor: Some(("the starts of git", "git alone")),
        goal: None,
    },
    Measure {
        what: "10,000 records verified by their files",
        benchmark: ["by files", "verify", "10000"],
        floor: None,
        goal: None,
    },
    Measure {
        what: "100 records verified by git",
        benchmark: ["by git", "verify", "record"],
        floor: None,
        goal: None,
    },
];

/// Beside so many records a record may cost what [`grown`] says.
const GROWTH: &[(&str, &str)] = &[("1000", "1,000"), ("10000", "10,000"), ("50000", "50,000")];

/// What a record costs in CPU time beside many, and what it may cost: twice as much as beside ten, and a stat of every file.
fn grown(samples: &Samples, (count, shown): (&str, &str)) -> Option<Row> {
    let time = |function, count| samples.shortest("record_cpu", function, count);
    let allowed = 2.0 * time("claim and seal", "10")? + time("stat of every file", count)?;
    Some(Row {
        what: format!("a record beside {shown} committed records, CPU time with that of git"),
        value: Value::Nanoseconds(time("claim and seal", count)?),
        floor: Some((
            "twice that beside 10, and a stat of every file".to_owned(),
            Value::Nanoseconds(allowed),
        )),
        goal: Some(Goal::Ratio(1.0)),
    })
}

impl BenchReport {
    /// Takes what was measured by benchmarks; one that did not run has no row.
    pub(super) fn of(samples: &Samples) -> Self {
        let row = |measure: &Measure| {
            let [group, function, value] = measure.benchmark;
            let time = |function| samples.shortest(group, function, value).map(Value::Nanoseconds);
            let floor = measure.floor.and_then(|(what, function)| Some((what.to_owned(), time(function)?)));
            Some(Row { what: measure.what.to_owned(), value: time(function)?, floor, goal: measure.goal })
        };
        let growth = GROWTH.iter().filter_map(|count| grown(samples, *count));
        Self { rows: MEASURES.iter().filter_map(row).chain(growth).collect() }
    }

    pub(super) fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.rows.extend(rows);
    }

    /// The names of those that have missed their goal.
    pub(super) fn missed(&self) -> Vec<&str> {
        let is_missed = |row: &&Row| row.is_met() == Some(false);
        self.rows.iter().filter(is_missed).map(|row| &*row.what).collect()
    }
}

impl fmt::Display for BenchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
        writeln!(f, "# Speed\n")?;
        writeln!(f, "Written by `cargo xtask bench --report` on {cores} cores, {system}, {processor}.")?;
        writeln!(
            f,
            "Each is the shortest of several measurements. A floor is what the same work takes at least or takes others,"
        )?;
        writeln!(f, "measured in the same run; the ratio says how many times that it took here.")?;
        writeln!(f, "That turns at once need no thread each is no number but a test.\n")?;
        writeln!(f, "| what | measured | floor | ratio | goal | met |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.floor.as_ref().map(|(_, floor)| self.value.amount() / floor.amount())
    }

    fn is_met(&self) -> Option<bool> {
        match self.goal? {
            Goal::Ratio(most) => self.ratio().map(|ratio| ratio <= most),
            Goal::AtMost(most) => Some(self.value.amount() <= most.amount()),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let floor = self.floor.as_ref().map(|(what, floor)| format!("{floor}: {what}")).unwrap_or_default();
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let goal = match self.goal {
            Some(Goal::Ratio(most)) => format!("ratio {most}"),
            Some(Goal::AtMost(most)) => most.to_string(),
            None => String::new(),
        };
        let met = self.is_met().map_or("", |met| if met { "yes" } else { "**no**" });
        write!(f, "| {} | {} | {floor} | {ratio} | {goal} | {met} |", self.what, self.value)
    }
}

impl Value {
    fn amount(self) -> f64 {
        match self {
            Self::Nanoseconds(amount) | Self::Bytes(amount) | Self::Count(amount) => amount,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nanoseconds(short) if short < 1e6 => write!(f, "{:.0} µs", short / 1e3),
            Self::Nanoseconds(short) if short < 1e8 => write!(f, "{:.1} ms", short / 1e6),
            Self::Nanoseconds(long) if long < 1e10 => write!(f, "{:.0} ms", long / 1e6),
            Self::Nanoseconds(long) => write!(f, "{:.1} s", long / 1e9),
            Self::Bytes(bytes) => write!(f, "{:.1} MB", bytes / 1e6),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_stands_beside_its_floor_and_its_goal() {
        let row = |value, floor, goal| Row {
            what: "work".to_owned(),
            value,
            floor: Option::map(floor, |floor| ("others".to_owned(), floor)),
            goal,
        };
        let milliseconds = |time: f64| Value::Nanoseconds(time * 1e6);
        let mut report = BenchReport::default();
        report.add([
            row(milliseconds(150.0), Some(milliseconds(200.0)), Some(Goal::Ratio(0.8))),
            row(milliseconds(12.0), None, Some(Goal::AtMost(milliseconds(10.0)))),
            row(Value::Bytes(7_500_000.0), None, None),
        ]);
        let page = report.to_string();
        let rows: Vec<&str> = page.lines().skip_while(|line| !line.starts_with("| ---")).skip(1).collect();
        assert_eq!(
            rows,
            [
                "| work | 150 ms | 200 ms: others | 0.75 | ratio 0.8 | yes |",
                "| work | 12.0 ms |  |  | 10.0 ms | **no** |",
                "| work | 7.5 MB |  |  |  |  |",
            ]
        );
        assert_eq!(report.missed(), ["work"]);
    }
}
