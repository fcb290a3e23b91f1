//! What the domain says to people, in their language.

use model::fault::Fault;
use model::saying::{Argument, Saying};
use model::signin::password_policy::PasswordRule;

use super::language::Language;
use super::sentence::Sentence;

impl Language {
    /// Why something was refused. A sentence that no page says by ordinary use is in English.
    pub fn told(self, fault: &Fault) -> String {
        fault.saying().map_or_else(|| fault.message().to_owned(), |saying| self.saying(saying).to_string())
    }

    fn saying(self, saying: &Saying) -> Sentence {
        saying.arguments().into_iter().fold(self.say(saying.name()), |sentence, (name, argument)| {
            match argument {
                Argument::Number(number) => sentence.count(name, number),
                Argument::Text(text) => sentence.with(name, text),
                Argument::Words(words) => sentence.with(name, self.listed(&words)),
            }
        })
    }

    fn listed(self, words: &[&'static str]) -> String {
        let words: Vec<String> = words.iter().map(|word| self.say(word).to_string()).collect();
        words.join(", ")
    }

    /// What is asked of a password.
    pub(crate) fn rule(self, rule: &PasswordRule) -> Sentence {
        self.say("password-rule")
            .count("low", rule.low)
            .count("high", rule.high)
            .count("passphrase", rule.passphrase.unwrap_or(0))
            .count("remembered", rule.remembered)
            .count("known", usize::from(rule.refuse_breached))
    }
}
