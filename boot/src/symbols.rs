//! Symbol tables as the kernel reads them: lines `address size name`, sorted by address.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use object::{File, Object, ObjectSymbol, SymbolKind};
use rustc_demangle::demangle;

/// The functions of an ELF file with hexadecimal addresses as linked and demangled names.
pub(crate) fn table(elf: &[u8]) -> Result<String> {
    let file = File::parse(elf).context("cannot read the symbols of an executable")?;
    let mut functions: Vec<(u64, u64, String)> = file
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
        .filter_map(|symbol| {
            let name = symbol.name().ok().filter(|name| !name.is_empty())?;
            Some((symbol.address(), symbol.size(), format!("{:#}", demangle(name))))
        })
        .collect();
    functions.sort();
    functions.dedup_by_key(|function| function.0);
    // One that is written in assembler may have no size. It ends where the next one begins.
    for place in 0..functions.len().saturating_sub(1) {
        if functions[place].1 == 0 {
            functions[place].1 = functions[place + 1].0 - functions[place].0;
        }
    }
    let mut table = String::new();
    for (address, size, name) in functions {
        let _ = writeln!(table, "{address:x} {size:x} {name}");
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::table;

    #[test]
    fn the_functions_of_this_program_are_found_in_order() {
        let this = env::current_exe().expect("a test has a file");
        let table = table(&fs::read(this).expect("it can be read")).expect("it is an ELF file");
        assert!(table.lines().any(|line| line.ends_with("boot::symbols::table")));
        let addresses: Vec<u64> = table
            .lines()
            .map(|line| line.split(' ').next().expect("a line begins with an address"))
            .map(|digits| u64::from_str_radix(digits, 16).expect("addresses are hexadecimal"))
            .collect();
        assert!(addresses.is_sorted_by(|one, other| one < other));
    }
}
