//! [`Listing`]: the names in a part of the ledger, by which it is looked at again without listing its folders.

use std::sync::Arc;

/// So many listings are tried before a part is listed again. Most records have the same names in them.
const MOST_LISTINGS: usize = 4;

/// A step of a pass over a part, with a path from the part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    File(Box<[u8]>),
    /// The folder is entered, until the pass leaves it.
    Folder(Box<[u8]>),
    Leave,
}

/// The names in a part, in the order of a pass.
pub(super) type Listing = Arc<[Step]>;

/// The listings that a pass has met, the latest first.
#[derive(Debug, Default)]
pub(super) struct Listings(Vec<Listing>);

impl Step {
    /// The path of an entry.
    pub(super) fn path(&self) -> Option<&[u8]> {
        match self {
            Self::File(path) | Self::Folder(path) => Some(path),
            Self::Leave => None,
        }
    }
}

impl Listings {
    /// Gives the same listing once, so that it is held in memory once.
    pub(super) fn share(&mut self, steps: Vec<Step>) -> Listing {
        if let Some(place) = self.0.iter().position(|listing| **listing == *steps) {
            return self.use_again(place);
        }
        let listing: Listing = steps.into();
        self.0.truncate(MOST_LISTINGS - 1);
        self.0.insert(0, Arc::clone(&listing));
        listing
    }

    /// The first listing that passes a check, and what the check gave.
    pub(super) fn find<T>(&mut self, check: impl Fn(&[Step]) -> Option<T>) -> Option<(Listing, T)> {
        let found = self.0.iter().enumerate().find_map(|(place, listing)| Some((place, check(listing)?)));
        found.map(|(place, checked)| (self.use_again(place), checked))
    }

    fn use_again(&mut self, place: usize) -> Listing {
        self.0[..=place].rotate_right(1);
        Arc::clone(&self.0[0])
    }
}
