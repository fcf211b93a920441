//! A small machine around the driver: processes with memory, descriptors and threads that block and are woken.
//!
//! Tests speak to it through [`World`]; what a thread reads comes back as an [`Answer`], whose text is the sequence of
//! returns in short names: `N TC REPLY`.

mod answer;
mod at_once;
mod commands;
mod deeds;
mod dice;
mod machine;
mod memory;
mod world;

pub(crate) use answer::{Answer, Item};
pub(crate) use commands::{Bc, Data, Patch, call, reply};
pub(crate) use dice::Dice;
pub(crate) use memory::END;
pub(crate) use world::{Opened, REGION, REGION_SIZE, Thread, World};
