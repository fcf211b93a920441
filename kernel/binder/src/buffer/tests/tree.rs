//! The tree of free chunks.

use crate::buffer::chunk::{Chunk, ChunkId, Chunks};
use crate::buffer::tree::SizeTree;
use crate::random::Random;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

fn shape(tree: &SizeTree, chunks: &Chunks<()>, ids: &[ChunkId]) -> String {
    let links: Vec<_> = ids.iter().map(|&id| &chunks[id].tree).collect();
    format!("{tree:?} {links:?}")
}

#[test]
fn a_chunk_that_keeps_its_place_when_it_grows_need_not_be_taken_out_for_it() {
    let mut random = Random::new(7);
    let (mut kept, mut asked) = (0, 0);
    for count in (1..40).cycle().take(600) {
        let mut chunks = Chunks::new();
        let mut tree = SizeTree::new();
        let ids: Vec<_> = (0..count)
            .map(|_| {
                let size = 8 + 8 * random.below(60) as u32;
                chunks.reserve_one().expect("memory");
                let id = chunks.take(Chunk::free(0..size, ChunkId::NONE, ChunkId::NONE));
                tree.insert(&mut chunks, id);
                id
            })
            .collect();
        for _ in 0..20 {
            let id = ids[random.below(ids.len() as u64) as usize];
            let bytes = 8 * random.below(8) as u32;
            let keeps = tree.keeps_place(&chunks, id, bytes);
            let before = shape(&tree, &chunks, &ids);
            tree.remove(&mut chunks, id);
            chunks[id].size += bytes;
            tree.insert(&mut chunks, id);
            tree.check(&chunks);
            asked += 1;
            if keeps {
                kept += 1;
                assert_eq!(before, shape(&tree, &chunks, &ids));
            }
        }
    }
    assert!(
        kept * 8 > asked,
        "hardly any chunk keeps its place: {kept} of {asked}"
    );
}
