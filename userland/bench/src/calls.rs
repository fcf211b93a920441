//! Single calls: the price of entering the kernel, of small ioctls, of opening the device, of starting a program.

use crate::endpoint::{Endpoint, REGION};
use crate::report::Series;
use rt::binder::{MapSharing, RawDevice};
use rt::memory::Access;
use rt::syscall::{DescriptorFlags, OpenFlags};

const COUNT: usize = 1000;

/// Ticks of one run of `call`, repeated.
fn repeat(name: &str, count: usize, mut call: impl FnMut() -> rt::Result<()>) -> rt::Result<()> {
    let mut series = Series::with_capacity(count);
    for _ in 0..count {
        let begin = rt::measure::ticks();
        call()?;
        series.add(rt::measure::ticks() - begin);
    }
    series.print(name, 0);
    Ok(())
}

/// Small calls.
pub(crate) fn small() -> rt::Result<()> {
    repeat("ticks_themselves", COUNT, || Ok(()))?;
    repeat("unknown_call", COUNT, || {
        let _ = rt::measure::unknown_call();
        Ok(())
    })?;
    repeat("getppid", COUNT, || {
        rt::syscall::getppid();
        Ok(())
    })?;
    let mut end = Endpoint::open()?;
    let device = end.device().duplicate()?;
    repeat("ioctl_version", COUNT, || device.version().map(drop))?;
    repeat("ioctl_empty_write_read", COUNT, || end.exchange(0, 0).map(drop))?;
    repeat("open_map_version_close", 100, || {
        let device = RawDevice::open("/dev/vndbinder", OpenFlags::empty())?;
        let region = device.map(REGION, Access::ReadOnly, MapSharing::Private)?;
        device.version()?;
        drop(region);
        device.close()
    })
}

/// Starting a program: from before the fork to the first instruction of its main function.
pub(crate) fn start() -> rt::Result<()> {
    let mut series = Series::default();
    for _ in 0..20 {
        let (reader, writer) = rt::syscall::pipe(DescriptorFlags::CLOEXEC)?;
        let begin = rt::measure::ticks();
        let child = rt::process::fork(|| {
            let _ = rt::syscall::dup_to(writer, 1, DescriptorFlags::empty());
            rt::process::execute("/proc/self/exe", &["binder-bench", "started"], &[]);
            1
        })?;
        rt::syscall::close(writer)?;
        let mut ticks = [0; 8];
        let count = rt::syscall::read(reader, &mut ticks)?;
        rt::syscall::close(reader)?;
        rt::process::wait(child)?;
        if count == ticks.len() {
            series.add(u64::from_le_bytes(ticks) - begin);
        }
    }
    series.print("fork_execute_start", 0);
    Ok(())
}

/// What the started program does: says when.
pub(crate) fn started() -> i32 {
    let ticks = rt::measure::ticks();
    i32::from(rt::syscall::write_all(1, &ticks.to_le_bytes()).is_err())
}

/// The death of a process that has many objects.
pub(crate) fn death() -> rt::Result<()> {
    for objects in [0_u32, 1000, 10_000] {
        let (mut client, server) = crate::roundtrip::pair()?;
        crate::roundtrip::introduce(&mut client, 1, objects)?;
        let begin = rt::measure::ticks();
        server.kill()?;
        let ticks = rt::measure::ticks() - begin;
        rt::println!("death_with_handles {objects} mean {ticks}");
    }
    Ok(())
}
