//! The end of a buffer: what it held is given back, and the next one-way call to its node may go.

use crate::buffer::Charge;
use crate::count::Strength;
use crate::driver::Driver;
use crate::effects::Effect;
use crate::held::Held;
use crate::machine::{Machine, Trace};
use crate::node::Holder;
use crate::region::Delivery;
use crate::table::{BufferId, NodeId, ThreadId};
use crate::trace::Event;
use crate::work::Queue;

impl Driver {
    /// `BC_FREE_BUFFER`. Anything but the address of a delivered, unfreed buffer is passed over in silence.
    #[inline]
    pub(crate) fn free_by_address(&mut self, caller: ThreadId, address: u64, machine: &mut dyn Machine) {
        let proc = self.threads[caller].proc;
        let Some(region) = &self.procs[proc].region else {
            return;
        };
        let Some(offset) = address.checked_sub(region.address) else {
            return;
        };
        let Some(&id) = usize::try_from(offset)
            .ok()
            .and_then(|offset| region.space.get(offset))
        else {
            return;
        };
        let buffer = &self.buffers[id];
        if !buffer.delivery.contains(Delivery::DELIVERED) {
            return;
        }
        // Closing descriptors is completed on the way back to user mode: the thread has to go there.
        if buffer.held.iter().any(|held| matches!(held, Held::Descriptor(_))) {
            self.threads[caller].need_return = true;
        }
        self.free_buffer(id, machine);
    }

    /// Ends a buffer that was queued, delivered or not.
    #[inline]
    pub(crate) fn free_buffer(&mut self, id: BufferId, machine: &mut dyn Machine) {
        let buffer = &self.buffers[id];
        if let (Charge::Async, Some(node)) = (buffer.charge, buffer.target) {
            self.advance_oneways(node);
        }
        self.release_buffer(id, machine);
    }

    /// The active one-way call of a node is over: the next one goes to the end of the proc's queue.
    fn advance_oneways(&mut self, node: NodeId) {
        match self.take_first(Queue::OneWay(node)) {
            None => self.nodes[node].oneway_active = false,
            Some(work) => {
                if let Some(owner) = self.nodes[node].owner {
                    self.queue_to_proc(owner, work);
                }
            }
        }
    }

    /// Gives back a buffer with all that it holds.
    pub(crate) fn release_buffer(&mut self, id: BufferId, machine: &mut dyn Machine) {
        let Some(buffer) = self.buffers.get_mut(id) else {
            return;
        };
        let (proc, offset, is_cleared) = (buffer.proc, buffer.offset, buffer.is_cleared());
        let (transaction, target, held) = (buffer.transaction, buffer.target, buffer.held.take());
        self.buffers.discard(id);
        if let Some(transaction) = transaction {
            self.transactions[transaction].buffer = None;
        }
        if let Some(target) = target {
            self.lower_node(target, Strength::Strong, Holder::Local);
        }
        let mut count = 0_usize;
        while let Some(held) = held.get(count) {
            count = count.wrapping_add(1);
            match held {
                Held::Node(node, strength) => {
                    self.lower_node(node, strength, Holder::Local);
                    self.settle_node(node);
                }
                Held::Handle(handle, strength) => self.lower_handle(proc, handle, strength),
                Held::Descriptor(descriptor) => {
                    // The program may have closed it by itself.
                    if let Some(file) = machine.take_file(descriptor) {
                        self.effects.rest.push(Effect::CloseFile(file));
                    }
                }
            }
        }
        let receiver = &mut self.procs[proc];
        let pid = receiver.pid;
        if let Some(region) = &mut receiver.region {
            if is_cleared && let Some(size) = region.space.size_of(offset) {
                let end = offset.wrapping_add(size);
                machine.zero_window(region.window, offset..end);
            }
            region.space.free(offset);
        }
        machine.trace(|| Event::BufferFreed { pid, offset });
    }
}
