//! How shells are told: variables in each one's words, and single words that mean the same in all of them. Knows nothing of what they say.

/// A kind of shell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shell {
    /// sh, bash, zsh, dash.
    Posix,
    /// PowerShell, on any system.
    Pwsh,
    /// The command prompt of Windows.
    Cmd,
}

impl Shell {
    /// One line for each variable. The values are keys, tokens, URLs and names of Regions: none holds a character that is special
    /// within double quotes.
    pub(crate) fn set<'a>(self, variables: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        variables
            .map(|(name, value)| match self {
                Self::Posix => format!("export {name}=\"{value}\"\n"),
                Self::Pwsh => format!("$Env:{name}=\"{value}\"\n"),
                // With the quotes around both, a blank at the end of a pasted line does not become part of the value.
                Self::Cmd => format!("SET \"{name}={value}\"\n"),
            })
            .collect()
    }
}

/// A word as sh, PowerShell and cmd all read it: quoted unless it is plain, since a comma makes two words in PowerShell.
pub(crate) fn word(text: &str) -> String {
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':' | '/');
    if text.chars().all(is_plain) { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::{Shell, word};

    #[test]
    fn each_shell_has_its_own_words() {
        let set = |shell: Shell| shell.set([("A", "x/y+z="), ("B", "1")].into_iter());
        assert_eq!(set(Shell::Posix), "export A=\"x/y+z=\"\nexport B=\"1\"\n");
        assert_eq!(set(Shell::Pwsh), "$Env:A=\"x/y+z=\"\n$Env:B=\"1\"\n");
        assert_eq!(set(Shell::Cmd), "SET \"A=x/y+z=\"\nSET \"B=1\"\n");
    }

    #[test]
    fn what_a_shell_might_read_otherwise_is_quoted() {
        assert_eq!(word("http://127.0.0.1:8765"), "http://127.0.0.1:8765");
        assert_eq!(word("Power,User+=@x"), "\"Power,User+=@x\"");
        assert_eq!(word("http://[::1]:8765"), "\"http://[::1]:8765\"");
    }
}
