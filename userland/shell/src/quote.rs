//! Writes arguments so that the lexer reads them back as they are.

use alloc::string::String;

/// `arguments` as one line of shell language.
pub fn line(arguments: &[String]) -> String {
    let mut text = String::new();
    for argument in arguments {
        if !text.is_empty() {
            text.push(' ');
        }
        word(argument, &mut text);
    }
    text
}

fn word(argument: &str, text: &mut String) {
    let harmless = |character: char| character.is_ascii_alphanumeric() || "_-./,:%+@".contains(character);
    if !argument.is_empty() && argument.chars().all(harmless) {
        text.push_str(argument);
        return;
    }
    text.push('\'');
    for character in argument.chars() {
        match character {
            '\'' => text.push_str("'\\''"),
            other => text.push(other),
        }
    }
    text.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand;
    use crate::parser::parse;
    use crate::variables::Variables;
    use alloc::vec::Vec;

    #[test]
    fn what_is_quoted_reads_back_as_it_was() {
        let arguments: Vec<String> = ["echo", "", "a b", "it's", "$A", "x;y", "\"", "\\", "A=1", "#"]
            .map(String::from)
            .into();
        let list = parse(&line(&arguments)).unwrap();
        let words = &list.chains[0].first.commands[0].words;
        assert_eq!(expand::arguments(words, &Variables::default()), arguments);
    }
}
