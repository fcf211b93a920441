//! Freeing a buffer that holds nothing but its data.

use super::Unusual;
use crate::buffer::Charge;
use crate::driver::Driver;
use crate::message::size;
use crate::region::Delivery;
use crate::table::ProcId;
use abi::binder::command::BC_FREE_BUFFER;

impl Driver {
    /// `BC_FREE_BUFFER` for a delivered buffer of a call or reply, if it holds nothing but its data.
    #[inline(always)]
    pub(super) fn free_directly(&mut self, proc: ProcId, address: u64) -> Result<(), Unusual> {
        let proc = &mut self.procs[proc];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let offset = address.wrapping_sub(region.address);
        let newest = region.space.newest_at(offset);
        let is_newest = newest.is_some();
        let &id = newest.or_else(|| region.space.get(size(offset))).ok_or(Unusual)?;
        let buffer = &self.buffers[id];
        let plain = buffer.delivery == Delivery::Delivered
            && buffer.charge == Charge::Sync
            && !buffer.clear
            && buffer.held.is_empty();
        if !plain {
            return Err(Unusual);
        }
        if let Some(target) = buffer.target {
            let node = &mut self.nodes[target];
            // Others refer to it still: nobody has to be told.
            if node.remote_strong.is_zero() && node.local_strong.get() < 2 {
                return Err(Unusual);
            }
            node.local_strong.down();
        }
        if let Some(transaction) = buffer.transaction {
            self.transactions[transaction].buffer = None;
        }
        if is_newest {
            region.space.free_shortcut();
        } else {
            region.space.free(size(offset));
        }
        self.buffers.discard(id);
        proc.stats.command(BC_FREE_BUFFER);
        Ok(())
    }
}
