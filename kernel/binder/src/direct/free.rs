//! Freeing the buffer that was received last.

use super::Unusual;
use super::sender::Sender;
use crate::buffer::Charge;
use crate::driver::Driver;
use crate::region::Delivery;
use abi::binder::command::BC_FREE_BUFFER;

impl Driver {
    /// `BC_FREE_BUFFER` for the newest buffer of the sender's region, if it holds nothing but its data.
    #[inline(always)]
    pub(super) fn free_directly(&mut self, sender: &Sender, address: u64) -> Result<(), Unusual> {
        let proc = &mut self.procs[sender.proc];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let offset = address.wrapping_sub(region.address);
        let &id = region.space.newest_at(offset).ok_or(Unusual)?;
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
        region.space.free_shortcut();
        self.buffers.discard(id);
        proc.stats.command(BC_FREE_BUFFER);
        self.stats.commands.command(BC_FREE_BUFFER);
        Ok(())
    }
}
