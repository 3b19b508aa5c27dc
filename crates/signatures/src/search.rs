//! Finding the bad items of a batch by halving.

/// Below this number one after another is as fast as together.
pub(crate) const TOGETHER_MIN: usize = 4;

/// How often a part may have been halved; below that, items are checked one after another. With four, 256 bad signatures
/// of Ed25519 cost 86 us each, where checking each alone costs 34; with six it was 130. One bad among 256 costs the same.
const FAILURES_MAX: u32 = 4;

/// What `is_valid` says of each item, asked of as few as possible: `are_all_valid` is its conjunction, and cheaper.
pub(crate) fn verdicts<T>(
    items: &[T],
    are_all_valid: impl Fn(&[T]) -> bool + Copy,
    is_valid: impl Fn(&T) -> bool + Copy,
) -> Vec<bool> {
    let mut verdicts = Vec::with_capacity(items.len());
    let mut open = vec![(items, 0, false)];
    while let Some((part, failures, is_known_bad)) = open.pop() {
        if part.len() < TOGETHER_MIN || failures > FAILURES_MAX {
            verdicts.extend(part.iter().map(is_valid));
        } else if !is_known_bad && are_all_valid(part) {
            verdicts.extend(part.iter().map(|_| true));
        } else {
            let (left, right) = part.split_at(part.len() / 2);
            let is_left_good = left.len() >= TOGETHER_MIN && are_all_valid(left);
            if is_left_good {
                verdicts.extend(left.iter().map(|_| true));
                open.push((right, failures + 1, true)); // the fault is here, so asking again would be in vain
            } else {
                open.push((right, failures + 1, false));
                open.push((left, failures + 1, true));
            }
        }
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn search(items: &[bool]) -> (Vec<bool>, usize, usize) {
        let (together, single) = (Cell::new(0), Cell::new(0));
        let verdicts = verdicts(
            items,
            |part| {
                together.set(together.get() + part.len());
                part.iter().all(|&item| item)
            },
            |&item| {
                single.set(single.get() + 1);
                item
            },
        );
        (verdicts, together.get(), single.get())
    }

    #[test]
    fn every_placing_of_bad_items_among_ten_is_found() {
        for pattern in 0..1 << 10_u32 {
            let items: Vec<bool> = (0..10).map(|place| pattern >> place & 1 == 0).collect();

            assert_eq!(search(&items).0, items);
        }
    }

    #[test]
    fn good_items_are_asked_about_once_and_together() {
        assert_eq!(search(&[true; 256]), (vec![true; 256], 256, 0));
    }

    #[test]
    fn one_bad_item_costs_at_most_two_more_batches_and_few_single_checks() {
        for bad in 0..256 {
            let mut items = [true; 256];
            items[bad] = false;

            let (verdicts, together, single) = search(&items);

            assert_eq!(verdicts, items);
            assert!(together <= 3 * 256 && single <= 16, "{bad}: {together} together, {single} singly");
        }
    }

    #[test]
    fn only_bad_items_cost_a_bounded_number_of_batches_besides_single_checks() {
        for length in [1, 3, 4, 255, 256, 1024, 4096] {
            let (verdicts, together, single) = search(&vec![false; length]);

            assert_eq!(verdicts, vec![false; length]);
            assert!(together <= (FAILURES_MAX as usize + 2) * length && single == length);
        }
    }
}
