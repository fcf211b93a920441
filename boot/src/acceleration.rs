//! Whether the CPU or the emulator runs the guest.

use std::fs::{self, OpenOptions};

use anyhow::{Result, ensure};

use crate::options::{Acceleration, Options};

/// The device through which Linux lends its CPU.
const KVM: &str = "/dev/kvm";

/// The value of QEMU's `-accel`.
///
/// The device alone proves nothing: inside some virtual machines it exists and does not work. So the CPU must also
/// offer VT-x or SVM. Counting instructions is something only the emulator can do.
pub(crate) fn choose(options: &Options) -> Result<&'static str> {
    match options.accel {
        Acceleration::Auto if options.icount => Ok("tcg"),
        Acceleration::Auto if cpu_can() && kvm_opens() => Ok("kvm"),
        Acceleration::Auto | Acceleration::Tcg => Ok("tcg"),
        Acceleration::Kvm => {
            ensure!(
                !options.icount,
                "--icount counts the emulator's instructions and excludes --accel kvm"
            );
            ensure!(kvm_opens(), "{KVM} cannot be opened");
            Ok("kvm")
        }
    }
}

fn kvm_opens() -> bool {
    OpenOptions::new().read(true).write(true).open(KVM).is_ok()
}

fn cpu_can() -> bool {
    has_virtualisation(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

/// Whether the first CPU's flags name VT-x or SVM.
fn has_virtualisation(cpuinfo: &str) -> bool {
    let flags = cpuinfo
        .lines()
        .find(|line| line.starts_with("flags"))
        .unwrap_or_default();
    flags.split_whitespace().any(|flag| matches!(flag, "vmx" | "svm"))
}

#[cfg(test)]
mod tests {
    use super::has_virtualisation;

    #[test]
    fn virtualisation_is_a_word_among_the_flags() {
        assert!(has_virtualisation("model name\t: x\nflags\t\t: fpu vmx sse\n"));
        assert!(has_virtualisation("flags\t\t: svm\n"));
        assert!(!has_virtualisation(
            "flags\t\t: fpu svm_lock sse\nvmx flags\t: vnmi\n"
        ));
    }
}
