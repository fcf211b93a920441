//! What a process may reach: its handles, read out of the driver's own listing of its state.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A handle of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The device's context.
    pub context: String,
    /// The number by which the process calls it.
    pub number: u32,
    /// Strong references.
    pub strong: u32,
    /// Weak references.
    pub weak: u32,
    /// The driver's number of the object.
    pub node: u32,
    /// The process that the object lives in; nothing once it has died.
    pub owner: Option<u32>,
    /// The owner's own number for the object.
    pub pointer: u64,
}

/// The handles of a process in the text of the driver's `state` file.
pub fn of_process(state: &str, pid: u32) -> Vec<Handle> {
    let mut owners = BTreeMap::new();
    let mut handles = Vec::new();
    let (mut process, mut context) = (None, "");
    for line in state.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["proc", number] => process = number.parse::<u32>().ok(),
            ["context", name] => context = name,
            ["node", number, pointer, ..] => {
                let node = number.trim_end_matches(':').parse::<u32>().ok();
                let pointer = u64::from_str_radix(pointer.trim_start_matches('u'), 16);
                let owner = process.zip(pointer.ok());
                owners.extend(node.zip(owner));
            }
            ["ref", _, "desc", number, rest @ ..] if process == Some(pid) => {
                // The word `dead` stands before `node` where the owner is gone.
                let rest = rest.strip_prefix(&["dead"]).unwrap_or(rest);
                let ["node", node, "s", strong, "w", weak, ..] = rest else {
                    continue;
                };
                let value = |word: &str| word.parse().unwrap_or(0);
                handles.push(Handle {
                    context: String::from(context),
                    number: value(number),
                    strong: value(strong),
                    weak: value(weak),
                    node: value(node),
                    owner: None,
                    pointer: 0,
                });
            }
            _ => {}
        }
    }
    for handle in &mut handles {
        if let Some((owner, pointer)) = owners.get(&handle.node) {
            handle.owner = Some(*owner);
            handle.pointer = *pointer;
        }
    }
    handles.sort_by(|one, other| (&one.context, one.number).cmp(&(&other.context, other.number)));
    handles
}

/// The handles as lines with a heading. `name_of` tells a process's program; the kernel is process 0. `interface_of`
/// tells what the object behind a handle understands, as far as it can be found out.
pub fn table(
    handles: &[Handle],
    name_of: impl Fn(u32) -> Option<String>,
    interface_of: impl Fn(&Handle) -> Option<String>,
) -> String {
    let mut text = String::from("CONTEXT  HANDLE STRONG WEAK   NODE OWNER              INTERFACE\n");
    for handle in handles {
        let owner = match handle.owner {
            None => String::from("dead"),
            Some(0) => String::from("kernel"),
            Some(pid) => format!("{pid} {}", name_of(pid).unwrap_or_default()),
        };
        let Handle {
            context,
            number,
            strong,
            weak,
            node,
            ..
        } = handle;
        let interface = interface_of(handle).unwrap_or_default();
        let line = format!(
            "{context:<8} {number:>6} {strong:>6} {weak:>4} {node:>6} {:<18} {interface}",
            owner.trim_end()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const STATE: &str = "\
binder state:
dead nodes:
  node 9: u0000000000000001 c0000000000000001 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 8
proc 8
context binder
  thread 8: l 00 need_return 0 tr 0
  ref 51: desc 1 node 7 s 1 w 0 d 0000000000000000
  ref 50: desc 0 node 1 s 2 w 1 d 0000000000000000
  ref 52: desc 2 dead node 9 s 1 w 1 d 0000000000000000
proc 3
context binder
  node 1: u0000000000000000 c0000000000000000 hs 1 hw 1 ls 1 lw 1 is 9 iw 9 tr 1 proc 8
proc 0
context kbinder
  node 7: u0000000000000010 c0000000000000010 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc 8
";

    #[test]
    fn handles_lead_to_the_owners_of_their_objects() {
        let handles = of_process(STATE, 8);
        assert_eq!(
            handles.iter().map(|handle| handle.number).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert_eq!(handles[0].owner, Some(3));
        assert_eq!((handles[0].strong, handles[0].weak), (2, 1));
        assert_eq!(handles[1].owner, Some(0));
        assert_eq!(of_process(STATE, 3), []);
    }

    #[test]
    fn the_table_names_owners() {
        let text = table(
            &of_process(STATE, 8),
            |pid| (pid == 3).then(|| "servicemanager".to_string()),
            |handle| (handle.pointer == 0x10).then(|| "bindery.IProcessManager".to_string()),
        );
        assert_eq!(
            text.lines().nth(1),
            Some("binder        0      2    1      1 3 servicemanager")
        );
        assert!(
            text.lines()
                .nth(2)
                .is_some_and(|line| line.ends_with("kernel             bindery.IProcessManager")),
            "{text}"
        );
    }
}
