//! [`Deck`]: deals courses in an order that a seed decides.

use fastrand::Rng;

use crate::Course;

/// Deals courses round by round; each round has all of them, and one seed means one order.
#[derive(Debug)]
pub(crate) struct Deck {
    rng: Rng,
    cards: Vec<Course>,
    /// How many turns are to be dealt at most.
    left: Option<u64>,
    dealt: u64,
}

impl Deck {
    pub(crate) fn new(seed: u64, turns: Option<u64>) -> Self {
        Self { rng: Rng::with_seed(seed), cards: Vec::new(), left: turns, dealt: 0 }
    }

    /// The number and the course of the next turn, and chance of its own; nothing once all are dealt.
    pub(crate) fn deal(&mut self) -> Option<(u64, Course, Rng)> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        if self.cards.is_empty() {
            // The first round has each course once, so that a short run has them all.
            let times = |times: usize| if self.dealt == 0 { 1 } else { times };
            let cards = Course::ROUND.iter().flat_map(|(course, often)| vec![*course; times(*often)]);
            self.cards = cards.collect();
            self.rng.shuffle(&mut self.cards);
        }
        self.dealt += 1;
        let chance = self.rng.fork();
        self.cards.pop().map(|course| (self.dealt, course, chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealt(seed: u64, turns: u64) -> Vec<Course> {
        let mut deck = Deck::new(seed, Some(turns));
        std::iter::from_fn(|| deck.deal()).map(|(_, course, _)| course).collect()
    }

    #[test]
    fn the_first_round_has_each_course_once() {
        let mut first = dealt(7, 10);
        first.sort();
        assert_eq!(first, Course::ROUND.map(|(course, _)| course));
    }

    #[test]
    fn a_seed_is_an_order() {
        assert_eq!(dealt(7, 100), dealt(7, 100));
        assert_ne!(dealt(7, 100), dealt(8, 100));
        assert_eq!(dealt(7, 100).len(), 100);
    }
}
