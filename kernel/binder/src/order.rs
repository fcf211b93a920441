//! The order of nodes: ascending by the owner's pointer, wherever all nodes of a proc are gone through.

use crate::driver::Driver;
use crate::list::List;
use crate::node::{Node, OwnedChain};
use crate::table::{NodeId, ProcId, Table};

/// So many lists, each twice as long as the one before, hold more nodes than there can be.
const RUNS: usize = u32::BITS as usize;

type Run = List<OwnedChain>;

/// Merges two sorted lists.
fn merge(nodes: &mut Table<Node, NodeId>, mut first: Run, mut second: Run) -> Run {
    let mut merged = Run::new();
    while let (Some(one), Some(two)) = (first.front(), second.front()) {
        let from = if nodes[one].name.ptr <= nodes[two].name.ptr {
            &mut first
        } else {
            &mut second
        };
        if let Some(node) = from.pop_front(nodes) {
            merged.push_back(nodes, node);
        }
    }
    merged.append(nodes, &mut first);
    merged.append(nodes, &mut second);
    merged
}

impl Driver {
    /// Sorts the nodes of a proc. Merges ever longer sorted runs, so it needs no memory.
    pub(crate) fn sort_nodes(&mut self, proc: ProcId) {
        let nodes = &mut self.nodes;
        let unsorted = &mut self.procs[proc].nodes;
        if unsorted.front() == unsorted.back() {
            return;
        }
        let mut runs = [const { Run::new() }; RUNS];
        while let Some(node) = unsorted.pop_front(nodes) {
            let mut carried = Run::new();
            carried.push_back(nodes, node);
            for run in &mut runs {
                if run.is_empty() {
                    *run = carried;
                    break;
                }
                carried = merge(nodes, core::mem::replace(run, Run::new()), carried);
            }
        }
        let mut sorted = Run::new();
        for run in runs {
            sorted = merge(nodes, run, sorted);
        }
        *unsorted = sorted;
    }
}
