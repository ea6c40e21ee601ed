//! Seeds, and what becomes of them under hands that mean no good.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The files of a folder of this crate, sorted by name; those whose names end so.
pub(crate) fn seeds(crate_folder: &str, folder: &str, end: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(crate_folder).join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[derive(Debug, Clone, Copy)]
enum Edit {
    Byte(Index, u8),
    Word(Index, &'static str),
    Cut(Index, Index),
    Repeat(Index, Index),
    End(Index),
    Splice(Index, Index),
}

fn edit(words: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        4 => (at(), select(words)).prop_map(|(at, word)| Edit::Word(at, word)),
        2 => (at(), at()).prop_map(|(from, to)| Edit::Cut(from, to)),
        2 => (at(), at()).prop_map(|(from, to)| Edit::Repeat(from, to)),
        1 => at().prop_map(Edit::End),
        1 => (at(), at()).prop_map(|(seed, at)| Edit::Splice(seed, at)),
    ]
}

/// A seed to which a few things were done; `words` are those that mean something in its format.
pub(crate) fn damaged(seeds: Vec<Vec<u8>>, words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let all = seeds.clone();
    (select(seeds), vec(edit(words), 0..8)).prop_map(move |(mut bytes, edits)| {
        for edit in edits {
            apply(&mut bytes, edit, &all);
        }
        bytes
    })
}

fn apply(bytes: &mut Vec<u8>, edit: Edit, seeds: &[Vec<u8>]) {
    let length = bytes.len() + 1;
    let range = |one: Index, other: Index| {
        let (one, other) = (one.index(length), other.index(length));
        one.min(other)..one.max(other)
    };
    match edit {
        Edit::Byte(at, byte) => match bytes.get_mut(at.index(length)) {
            Some(place) => *place = byte,
            None => bytes.push(byte),
        },
        Edit::Word(at, word) => drop(bytes.splice(at.index(length)..at.index(length), word.bytes())),
        Edit::Cut(from, to) => drop(bytes.drain(range(from, to))),
        Edit::Repeat(from, to) => {
            let part = bytes[range(from, to)].to_vec();
            if part.len() <= 4096 {
                bytes.extend(part);
            }
        }
        Edit::End(at) => bytes.truncate(at.index(length)),
        Edit::Splice(seed, at) => {
            let other = seed.get(seeds);
            bytes.truncate(at.index(length));
            bytes.extend(&other[at.index(other.len() + 1)..]);
        }
    }
}
