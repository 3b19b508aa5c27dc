//! Room for pages: segments of one size, so that growing copies nothing and leaves no holes.

use super::page::Page;

/// Pages in a segment, 256 KiB: what is allocated and not used yet stays small beside a table of 10^5 coins.
const SEGMENT_PAGES: usize = 256;

/// Pages by number; numbers of freed ones are given out again.
#[derive(Default)]
pub(super) struct Pages {
    segments: Vec<Vec<Page>>,
    free: Vec<u32>,
}

impl Pages {
    /// Keep a page; its number is below 2^31.
    pub(super) fn add(&mut self, page: Page) -> u32 {
        if let Some(number) = self.free.pop() {
            *self.get_mut(number) = page;
            return number;
        }
        if self.segments.last().is_none_or(|last| last.len() == SEGMENT_PAGES) {
            self.segments.push(Vec::with_capacity(SEGMENT_PAGES));
        }
        let before = (self.segments.len() - 1) * SEGMENT_PAGES;
        let last = before / SEGMENT_PAGES;
        self.segments[last].push(page);
        #[allow(clippy::cast_possible_truncation, reason = "2^31 pages would be 2 TB")]
        let number = (before + self.segments[last].len() - 1) as u32;
        number
    }

    /// Forget a page, which no one refers to any more.
    pub(super) fn remove(&mut self, number: u32) {
        self.free.push(number);
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> &Page {
        let number = number as usize;
        &self.segments[number / SEGMENT_PAGES][number % SEGMENT_PAGES]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, number: u32) -> &mut Page {
        let number = number as usize;
        &mut self.segments[number / SEGMENT_PAGES][number % SEGMENT_PAGES]
    }

    /// Bytes allocated.
    pub(super) fn bytes(&self) -> usize {
        let pages: usize = self.segments.iter().map(Vec::capacity).sum();
        pages * size_of::<Page>()
            + self.segments.capacity() * size_of::<Vec<Page>>()
            + self.free.capacity() * size_of::<u32>()
    }
}
