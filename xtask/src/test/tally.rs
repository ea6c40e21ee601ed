//! [`TestTally`]: what the lines of many test programs add up to.

use std::fmt;

/// Counts the tests of all programs together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TestTally {
    programs: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    failed_names: Vec<String>,
}

impl TestTally {
    pub(super) fn observe(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
            self.failed_names.push(name.to_owned());
        }
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        self.programs += 1;
        for part in counts.split("; ") {
            let Some((number, what)) = part.split_once(' ') else { continue };
            let number = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    pub(super) fn failed_names(&self) -> &[String] {
        &self.failed_names
    }
}

impl fmt::Display for TestTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        write!(f, " in {} test programs", self.programs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_add_up() {
        let mut tally = TestTally::default();
        for line in [
            "running 3 tests",
            "test a::b ... ok",
            "test a::c ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s",
        ] {
            tally.observe(line);
        }
        assert_eq!(tally.to_string(), "9 passed, 1 failed, 1 ignored in 2 test programs");
        assert_eq!(tally.failed_names(), ["a::c"]);
    }
}
