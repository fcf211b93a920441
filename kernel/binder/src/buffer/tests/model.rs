//! Random operations, compared with a model that does everything the slow way.

use super::bytes;
use crate::buffer::{BufferSpace, Charge, PAGE_SIZE, PageCounts, SpaceError, Spam};
use crate::machine::Pid;
use crate::random::Random;
use alloc::vec;
use alloc::vec::Vec;

/// A region as a list of chunks in order of address.
struct Model {
    size: usize,
    chunks: Vec<Piece>,
    /// Pages with frames.
    furnished: Vec<bool>,
    told: bool,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    start: usize,
    end: usize,
    owner: u32,
    /// Nothing for a free one.
    content: Option<(u64, Charge)>,
}

impl Piece {
    fn size(&self) -> usize {
        self.end - self.start
    }

    fn is_async(&self) -> bool {
        matches!(self.content, Some((_, Charge::Async)))
    }
}

impl Model {
    fn new(size: usize) -> Self {
        let all = Piece {
            start: 0,
            end: size,
            owner: 0,
            content: None,
        };
        Self {
            size,
            chunks: vec![all],
            furnished: vec![false; size / PAGE_SIZE],
            told: false,
        }
    }

    fn async_used(&self) -> usize {
        self.chunks
            .iter()
            .filter(|chunk| chunk.is_async())
            .map(Piece::size)
            .sum()
    }

    /// The size of the chunk that a message has to be cut from.
    fn best_fit(&self, size: usize, charge: Charge) -> Option<usize> {
        if charge == Charge::Async && size > self.size / 2 - self.async_used() {
            return None;
        }
        let free = self.chunks.iter().filter(|chunk| chunk.content.is_none());
        free.map(Piece::size).filter(|&available| available >= size).min()
    }

    /// Allocates at an offset, which decides between chunks of the same size. Says who looks like a spammer.
    fn allocate(&mut self, offset: usize, size: usize, owner: u32, content: (u64, Charge)) -> Spam {
        let index = self
            .chunks
            .iter()
            .position(|chunk| chunk.start == offset)
            .unwrap();
        let chunk = &mut self.chunks[index];
        assert!(chunk.content.is_none());
        let end = chunk.end;
        chunk.end = offset + size;
        chunk.content = Some(content);
        if chunk.end < end {
            let rest = Piece {
                start: offset + size,
                end,
                owner: 0,
                content: None,
            };
            self.chunks.insert(index + 1, rest);
        }
        let spam = if content.1 == Charge::Async {
            self.judge(owner)
        } else {
            Spam::Unsuspected
        };
        self.chunks[index].owner = owner;
        self.furnished[offset / PAGE_SIZE..(offset + size).div_ceil(PAGE_SIZE)].fill(true);
        spam
    }

    fn judge(&mut self, owner: u32) -> Spam {
        if self.size / 2 - self.async_used() >= self.size / 10 {
            self.told = false;
            return Spam::Unsuspected;
        }
        let own = self
            .chunks
            .iter()
            .filter(|chunk| chunk.is_async() && chunk.owner == owner);
        let many = own.clone().count() > 50 || own.map(Piece::size).sum::<usize>() > self.size / 4;
        if !many || core::mem::replace(&mut self.told, true) {
            return Spam::Unsuspected;
        }
        Spam::Suspected
    }

    fn free(&mut self, offset: usize) -> Option<u64> {
        let index = self
            .chunks
            .iter()
            .position(|chunk| chunk.start == offset && chunk.content.is_some())?;
        let (note, _) = self.chunks[index].content.take()?;
        for index in [index + 1, index] {
            if index > 0 && index < self.chunks.len() {
                let (one, two) = (self.chunks[index - 1], self.chunks[index]);
                if one.content.is_none() && two.content.is_none() {
                    self.chunks[index - 1].end = two.end;
                    self.chunks.remove(index);
                }
            }
        }
        Some(note)
    }

    fn page_counts(&self) -> PageCounts {
        let mut counts = PageCounts::default();
        for (page, &furnished) in self.furnished.iter().enumerate() {
            match (furnished, self.is_in_use(page)) {
                (true, true) => counts.active += 1,
                (true, false) => counts.lru += 1,
                (false, _) => counts.free += 1,
            }
        }
        counts
    }

    fn is_in_use(&self, page: usize) -> bool {
        let (start, end) = (page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
        self.chunks
            .iter()
            .any(|chunk| chunk.content.is_some() && chunk.start < end && chunk.end > start)
    }

    fn random_buffer(&self, random: &mut Random) -> Option<usize> {
        let buffers: Vec<&Piece> = self
            .chunks
            .iter()
            .filter(|chunk| chunk.content.is_some())
            .collect();
        let count = buffers.len() as u64;
        (count > 0).then(|| buffers[random.below(count) as usize].start)
    }
}

/// Small sizes mostly, so that equal ones abound; now and then large ones.
fn random_size(random: &mut Random) -> usize {
    let limit = [32, 32, 200, 1000, 5000, 40_000][random.below(6) as usize];
    random.below(limit) as usize
}

fn run(seed: u64, pages: usize, steps: u64) {
    let mut random = Random::new(seed);
    let mut space = BufferSpace::new(pages * PAGE_SIZE).unwrap();
    let mut model = Model::new(pages * PAGE_SIZE);
    for step in 0..steps {
        let growing = (step / 500) % 2 == 0;
        match random.below(16) {
            0 if random.below(8) == 0 => {
                let page = space.reclaim();
                assert_eq!(page.is_none(), model.page_counts().lru == 0);
                if let Some(page) = page {
                    assert!(model.furnished[page] && !model.is_in_use(page));
                    model.furnished[page] = false;
                }
            }
            1 => {
                let anywhere = random.below(2 * pages as u64 * PAGE_SIZE as u64) as usize;
                assert_eq!(space.free(anywhere), model.free(anywhere));
            }
            action if action < if growing { 11 } else { 6 } => {
                let data = random_size(&mut random);
                let charge = if random.below(2) == 0 {
                    Charge::Sync
                } else {
                    Charge::Async
                };
                let owner = Pid(1 + random.below(3) as u32);
                let size = data.next_multiple_of(8).max(8);
                let expected = model.best_fit(size, charge);
                let allocation = match space.place(&bytes(data), charge, owner, step) {
                    Ok(allocation) => allocation,
                    Err(error) => {
                        assert_eq!((error, expected), (SpaceError::Full, None));
                        continue;
                    }
                };
                let chunk = model
                    .chunks
                    .iter()
                    .find(|chunk| chunk.start == allocation.offset)
                    .unwrap();
                assert_eq!((allocation.size, Some(chunk.size())), (size, expected));
                let spam = model.allocate(allocation.offset, size, owner.0, (step, charge));
                assert_eq!(allocation.spam, spam);
            }
            _ => {
                if let Some(offset) = model.random_buffer(&mut random) {
                    assert_eq!(space.free(offset), model.free(offset));
                }
            }
        }
        if step % 16 == 0 {
            space.check();
            assert_eq!(space.page_counts(), model.page_counts());
            assert_eq!(space.free_async(), model.size / 2 - model.async_used());
            let buffers = model
                .chunks
                .iter()
                .filter_map(|chunk| Some((chunk.start, chunk.size(), chunk.content?.0)));
            assert!(
                space
                    .iter()
                    .map(|(offset, size, &note)| (offset, size, note))
                    .eq(buffers)
            );
        }
    }
}

#[test]
fn random_operations_in_a_small_region_agree_with_the_model() {
    (0..20).for_each(|seed| run(seed, 4, 3000));
}

#[test]
fn random_operations_in_a_middling_region_agree_with_the_model() {
    (20..30).for_each(|seed| run(seed, 40, 5000));
}

#[test]
fn random_operations_in_a_large_region_agree_with_the_model() {
    (30..33).for_each(|seed| run(seed, 1024, 10_000));
}
