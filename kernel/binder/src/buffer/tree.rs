//! Free chunks by size.
//!
//! A red-black tree whose links are in the chunks' records. It is the textbook's, because its shape is observable: a
//! search that meets a chunk of exactly the right size takes it, and which of several equal ones it meets first is a
//! matter of shape. Sizes are read from the chunks at the time of comparison.

use super::chunk::{ChunkId, Chunks};

const NONE: ChunkId = ChunkId::NONE;

/// A free chunk's place in the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct TreeLinks {
    parent: ChunkId,
    children: [ChunkId; 2],
    color: Color,
}

impl TreeLinks {
    /// Of a chunk that is not in the tree.
    pub(super) const NONE: Self = Self {
        parent: NONE,
        children: [NONE; 2],
        color: Color::Red,
    };

    /// The chunk above, in the tree.
    #[inline(always)]
    pub(super) fn parent(&self) -> ChunkId {
        self.parent
    }

    /// Whether it is red and nothing is below it. It is so where it is not in the tree, too.
    #[inline(always)]
    pub(super) fn is_red_leaf(&self) -> bool {
        self.color == Color::Red && self.children == [NONE; 2]
    }

    /// Whether this chunk is right below it, on the side of the smaller ones.
    #[inline(always)]
    pub(super) fn has_left(&self, child: ChunkId) -> bool {
        self.children[Side::Left as usize] == child
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Color {
    Red,
    Black,
}

/// A direction, as an index of `children`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left = 0,
    Right = 1,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// The tree's root. All operations need the chunks.
///
/// - **R1** The chunks come out ordered by size; of equal ones, later additions come later.
/// - **R2** Children and parents name each other.
/// - **R3** The root is black, and no red chunk has a red child.
/// - **R4** Each way from the root to a missing child passes the same number of black chunks.
#[derive(Debug)]
pub(super) struct SizeTree {
    root: ChunkId,
}

impl SizeTree {
    pub(super) const fn new() -> Self {
        Self { root: NONE }
    }

    /// The only chunk in the tree, if there is only one.
    #[inline]
    pub(super) fn sole<T>(&self, chunks: &Chunks<T>) -> Option<ChunkId> {
        (self.root != NONE && chunks[self.root].tree.children == [NONE; 2]).then_some(self.root)
    }

    /// Whether taking a chunk out, letting it grow by so many bytes and adding it again leaves the tree as it is. A chunk
    /// that is alone does so, and a red one without children, as long as the next larger one stays larger: then its
    /// place is the only one between its neighbours, and no way down changes its number of black chunks.
    #[inline]
    pub(super) fn keeps_place<T>(&self, chunks: &Chunks<T>, id: ChunkId, bytes: u32) -> bool {
        let chunk = &chunks[id];
        if chunk.tree.children != [NONE; 2] {
            return false;
        }
        if chunk.tree.parent == NONE {
            return true;
        }
        if chunk.tree.color == Color::Black {
            return false;
        }
        let (mut below, mut larger) = (id, chunk.tree.parent);
        while larger != NONE && side_of(chunks, below, larger) == Side::Right {
            (below, larger) = (larger, chunks[larger].tree.parent);
        }
        larger == NONE || chunk.size + bytes < chunks[larger].size
    }

    /// The smallest chunk of at least this size.
    pub(super) fn best_fit<T>(&self, chunks: &Chunks<T>, size: u32) -> Option<ChunkId> {
        let mut best = NONE;
        let mut at = self.root;
        while at != NONE {
            let chunk = &chunks[at];
            if chunk.size == size {
                return Some(at);
            }
            if size < chunk.size {
                best = at;
                at = chunk.tree.children[Side::Left as usize];
            } else {
                at = chunk.tree.children[Side::Right as usize];
            }
        }
        (best != NONE).then_some(best)
    }

    /// Adds a chunk, to the right of all that are not larger.
    pub(super) fn insert<T>(&mut self, chunks: &mut Chunks<T>, id: ChunkId) {
        let size = chunks[id].size;
        let mut parent = NONE;
        let mut side = Side::Left;
        let mut at = self.root;
        while at != NONE {
            let chunk = &chunks[at];
            side = if size < chunk.size {
                Side::Left
            } else {
                Side::Right
            };
            parent = at;
            at = chunk.tree.children[side as usize];
        }
        chunks[id].tree = TreeLinks {
            parent,
            children: [NONE; 2],
            color: Color::Red,
        };
        if parent == NONE {
            self.root = id;
        } else {
            chunks[parent].tree.children[side as usize] = id;
        }
        self.settle_insertion(chunks, id);
    }

    /// Takes a chunk out.
    pub(super) fn remove<T>(&mut self, chunks: &mut Chunks<T>, id: ChunkId) {
        let TreeLinks {
            parent,
            children: [left, right],
            color,
        } = chunks[id].tree;
        if left == NONE || right == NONE {
            let child = if left == NONE { right } else { left };
            let side = self.replace(chunks, id, child);
            if color == Color::Black {
                self.settle_removal(chunks, child, parent, side);
            }
            return;
        }
        // With two children, the next larger chunk comes into its place.
        let mut heir = right;
        while chunks[heir].tree.children[Side::Left as usize] != NONE {
            heir = chunks[heir].tree.children[Side::Left as usize];
        }
        let TreeLinks {
            parent: heir_parent,
            children: [_, orphan],
            color: heir_color,
        } = chunks[heir].tree;
        let (hole_parent, side) = if heir == right {
            (heir, Side::Right)
        } else {
            self.replace(chunks, heir, orphan);
            attach(chunks, heir, Side::Right, right);
            (heir_parent, Side::Left)
        };
        self.replace(chunks, id, heir);
        attach(chunks, heir, Side::Left, left);
        chunks[heir].tree.color = color;
        if heir_color == Color::Black {
            self.settle_removal(chunks, orphan, hole_parent, side);
        }
    }

    /// Puts `new`, which may be none, under the parent of `old`. Says on which side.
    fn replace<T>(&mut self, chunks: &mut Chunks<T>, old: ChunkId, new: ChunkId) -> Side {
        let parent = chunks[old].tree.parent;
        if new != NONE {
            chunks[new].tree.parent = parent;
        }
        if parent == NONE {
            self.root = new;
            return Side::Left;
        }
        let side = side_of(chunks, old, parent);
        chunks[parent].tree.children[side as usize] = new;
        side
    }

    /// Turns `top` down to one side; its child on the other side comes up.
    fn rotate<T>(&mut self, chunks: &mut Chunks<T>, top: ChunkId, down: Side) {
        let up = chunks[top].tree.children[down.other() as usize];
        let between = chunks[up].tree.children[down as usize];
        self.replace(chunks, top, up);
        attach(chunks, up, down, top);
        attach(chunks, top, down.other(), between);
    }

    /// Restores R3 where a red chunk may have a red parent.
    fn settle_insertion<T>(&mut self, chunks: &mut Chunks<T>, mut id: ChunkId) {
        loop {
            let mut parent = chunks[id].tree.parent;
            if parent == NONE {
                chunks[id].tree.color = Color::Black;
                return;
            }
            if chunks[parent].tree.color == Color::Black {
                return;
            }
            // A red parent is not the root.
            let grandparent = chunks[parent].tree.parent;
            let side = side_of(chunks, parent, grandparent);
            let uncle = chunks[grandparent].tree.children[side.other() as usize];
            if is_red(chunks, uncle) {
                chunks[parent].tree.color = Color::Black;
                chunks[uncle].tree.color = Color::Black;
                chunks[grandparent].tree.color = Color::Red;
                id = grandparent;
                continue;
            }
            if side_of(chunks, id, parent) != side {
                self.rotate(chunks, parent, side);
                parent = id;
            }
            chunks[parent].tree.color = Color::Black;
            chunks[grandparent].tree.color = Color::Red;
            self.rotate(chunks, grandparent, side.other());
            return;
        }
    }

    /// Restores R4 where the ways through `id`, which may be none, have a black chunk too few.
    fn settle_removal<T>(
        &mut self,
        chunks: &mut Chunks<T>,
        mut id: ChunkId,
        mut parent: ChunkId,
        mut side: Side,
    ) {
        while parent != NONE && !is_red(chunks, id) {
            let mut sibling = chunks[parent].tree.children[side.other() as usize];
            if is_red(chunks, sibling) {
                chunks[sibling].tree.color = Color::Black;
                chunks[parent].tree.color = Color::Red;
                self.rotate(chunks, parent, side);
                sibling = chunks[parent].tree.children[side.other() as usize];
            }
            let near = chunks[sibling].tree.children[side as usize];
            let mut far = chunks[sibling].tree.children[side.other() as usize];
            if !is_red(chunks, near) && !is_red(chunks, far) {
                chunks[sibling].tree.color = Color::Red;
                id = parent;
                parent = chunks[id].tree.parent;
                if parent != NONE {
                    side = side_of(chunks, id, parent);
                }
                continue;
            }
            if !is_red(chunks, far) {
                chunks[near].tree.color = Color::Black;
                chunks[sibling].tree.color = Color::Red;
                self.rotate(chunks, sibling, side.other());
                (far, sibling) = (sibling, near);
            }
            chunks[sibling].tree.color = chunks[parent].tree.color;
            chunks[parent].tree.color = Color::Black;
            chunks[far].tree.color = Color::Black;
            self.rotate(chunks, parent, side);
            return;
        }
        if id != NONE {
            chunks[id].tree.color = Color::Black;
        }
    }

    /// Asserts the invariants, and counts the chunks.
    pub(super) fn check<T>(&self, chunks: &Chunks<T>) -> usize {
        assert!(!is_red(chunks, self.root), "R3: the root is black");
        let mut least = 0;
        check_below(chunks, self.root, NONE, &mut least).1
    }
}

/// Makes `child`, which may be none, a child of `parent`.
fn attach<T>(chunks: &mut Chunks<T>, parent: ChunkId, side: Side, child: ChunkId) {
    chunks[parent].tree.children[side as usize] = child;
    if child != NONE {
        chunks[child].tree.parent = parent;
    }
}

fn side_of<T>(chunks: &Chunks<T>, child: ChunkId, parent: ChunkId) -> Side {
    if chunks[parent].tree.children[Side::Left as usize] == child {
        Side::Left
    } else {
        Side::Right
    }
}

/// Missing children count as black.
fn is_red<T>(chunks: &Chunks<T>, id: ChunkId) -> bool {
    id != NONE && chunks[id].tree.color == Color::Red
}

/// Checks a subtree whose chunks have at least the size `least`, which becomes that of the largest; counts its black
/// chunks on one way down, and all its chunks.
fn check_below<T>(chunks: &Chunks<T>, id: ChunkId, parent: ChunkId, least: &mut u32) -> (usize, usize) {
    if id == NONE {
        return (0, 0);
    }
    let chunk = &chunks[id];
    assert_eq!(chunk.tree.parent, parent, "R2: the parent is named");
    let red = chunk.tree.color == Color::Red;
    assert!(
        !red || !is_red(chunks, parent),
        "R3: no red chunk under a red one"
    );
    let [left, right] = chunk.tree.children;
    let (left_black, left_count) = check_below(chunks, left, id, least);
    assert!(*least <= chunk.size, "R1: ordered by size");
    *least = chunk.size;
    let (right_black, right_count) = check_below(chunks, right, id, least);
    assert_eq!(left_black, right_black, "R4: as many black chunks left as right");
    (left_black + usize::from(!red), left_count + right_count + 1)
}
