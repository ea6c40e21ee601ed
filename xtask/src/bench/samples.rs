//! [`Samples`]: the shortest times that criterion has measured.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The shortest time of each benchmark in nanoseconds: what a busy machine adds is no property of what is measured.
#[derive(Debug, Default)]
pub(super) struct Samples {
    shortest: BTreeMap<Id, f64>,
}

/// What criterion calls a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Id {
    #[serde(rename = "group_id")]
    group: String,
    #[serde(rename = "function_id")]
    function: Option<String>,
    #[serde(rename = "value_str")]
    value: Option<String>,
}

/// How often something was done for each sample, and how long that took.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl Samples {
    /// Adds what was measured since then.
    pub(super) fn read(&mut self, criterion: &Path, since: SystemTime) -> Result<()> {
        let sample = criterion.join("new/sample.json");
        if sample.metadata().and_then(|file| file.modified()).is_ok_and(|at| at >= since) {
            let id = parsed(&criterion.join("new/benchmark.json"))?;
            let Sample { iters, times } = parsed(&sample)?;
            let shortest = times.iter().zip(iters).map(|(time, times)| time / times);
            let known = self.shortest.entry(id).or_insert(f64::INFINITY);
            *known = shortest.fold(*known, f64::min);
        }
        for entry in
            fs::read_dir(criterion).with_context(|| format!("cannot read {}", criterion.display()))?
        {
            let entry = entry.context("cannot read what criterion has kept")?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name() != "new" {
                self.read(&entry.path(), since)?;
            }
        }
        Ok(())
    }

    /// The shortest time in nanoseconds; `value` is empty where the benchmark has none.
    pub(super) fn shortest(&self, group: &str, function: &str, value: &str) -> Option<f64> {
        let value = (!value.is_empty()).then(|| value.to_owned());
        let id = Id { group: group.to_owned(), function: Some(function.to_owned()), value };
        self.shortest.get(&id).copied()
    }
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not what criterion writes", path.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn write(criterion: &Path, times: [f64; 2]) {
        let folder = criterion.join("stream/floor_a/new");
        fs::create_dir_all(&folder).unwrap();
        let id = serde_json::json!({ "group_id": "stream", "function_id": "floor/a", "value_str": null });
        fs::write(folder.join("benchmark.json"), id.to_string()).unwrap();
        let sample = serde_json::json!({ "sampling_mode": "Linear", "iters": [1.0, 2.0], "times": times });
        fs::write(folder.join("sample.json"), sample.to_string()).unwrap();
    }

    #[test]
    fn the_shortest_time_of_all_rounds_counts() {
        let scratch = tempfile::tempdir().unwrap();
        let mut samples = Samples::default();
        for times in [[30.0, 50.0], [40.0, 44.0]] {
            write(scratch.path(), times);
            samples.read(scratch.path(), SystemTime::UNIX_EPOCH).unwrap();
        }
        assert_eq!(samples.shortest("stream", "floor/a", ""), Some(22.0));
        assert_eq!(samples.shortest("stream", "floor/a", "10"), None);
        let mut later = Samples::default();
        later.read(scratch.path(), SystemTime::now() + Duration::from_mins(1)).unwrap();
        assert_eq!(later.shortest("stream", "floor/a", ""), None, "of another run");
    }
}
