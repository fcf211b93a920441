//! `/dev`.

use super::super::device::Source;
use super::node::{Content, Device, Node, System};
use alloc::sync::Arc;
use binder_driver::Context;

static DEVICES: [(&[u8], Device); 11] = [
    (b"dev/null", Device::Source(Source::Null)),
    (b"dev/zero", Device::Source(Source::Zero)),
    (b"dev/full", Device::Source(Source::Full)),
    (b"dev/random", Device::Source(Source::Random)),
    (b"dev/urandom", Device::Source(Source::Random)),
    (b"dev/console", Device::Console),
    (b"dev/tty", Device::Console),
    (b"dev/binder", Device::Binder(Context::Binder)),
    (b"dev/hwbinder", Device::Binder(Context::HwBinder)),
    (b"dev/vndbinder", Device::Binder(Context::VndBinder)),
    (b"dev/kbinder", Device::Binder(Context::Kernel)),
];

/// What programs may ask about the driver: each is a file that says 1.
static FEATURES: [&[u8]; 3] = [
    b"dev/binderfs/features/oneway_spam_detection",
    b"dev/binderfs/features/extended_error",
    b"dev/binderfs/features/freeze_notification",
];

/// Permissions of a device.
const EVERYBODY: u32 = 0o666;
/// Permissions of the device that the kernel's own objects are reached by.
const ROOT_ONLY: u32 = 0o600;

/// Puts `/dev` into the tree.
pub(super) fn plant(root: &Arc<Node>) {
    for &(path, device) in &DEVICES {
        let permissions = match device {
            Device::Binder(Context::Kernel) => ROOT_ONLY,
            _ => EVERYBODY,
        };
        root.plant(
            path,
            Node::new(System::Devices, permissions, Content::Device(device)),
        );
    }
    for name in [b"binder".as_slice(), b"hwbinder", b"vndbinder"] {
        let [device, alias] = [b"dev/".as_slice(), b"dev/binderfs/"].map(|folder| [folder, name].concat());
        let known = DEVICES.iter().find(|(path, _)| *path == device);
        if let Some((_, device)) = known {
            root.plant(
                &alias,
                Node::new(System::Devices, EVERYBODY, Content::Device(*device)),
            );
        }
    }
    for &path in &FEATURES {
        root.plant(path, Node::new(System::Devices, 0o444, Content::Image(b"1\n")));
    }
    root.plant(
        b"dev/shm",
        Node::directory(System::Memory, super::SHARED_DIRECTORY),
    );
}
