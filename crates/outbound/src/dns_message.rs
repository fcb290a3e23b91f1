//! Messages of DNS, as far as a question for services needs them (RFC 1035 §4, RFC 2782). An answer is read strictly, and only if it is to the question.

use crate::service::Service;

const SRV: u16 = 33;
const INTERNET: u16 = 1;
const HEAD: usize = 12;
/// Services of one answer that are kept at most.
const SERVICES_MAX: usize = 64;
/// Jumps within a name at most, and its bytes.
const JUMPS_MAX: usize = 32;
const NAME_MAX: usize = 253;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The services, in the order in which they are to be asked. A name that does not exist has none.
    Services(Vec<Service>),
    /// Not to our question.
    NotOurs,
    /// Longer than fits: to be asked for at length.
    Cut,
    /// The server does not want to say.
    Refused(u8),
    /// To our question, and no answer.
    Broken,
}

/// The question for the services of a name; none where the name is none.
pub(crate) fn question(id: [u8; 2], name: &str) -> Option<Vec<u8>> {
    let mut out = Vec::from(id);
    // Recursion is wanted; one question.
    out.extend([0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
    if name.len() > NAME_MAX {
        return None;
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        out.push(length);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out.extend(SRV.to_be_bytes());
    out.extend(INTERNET.to_be_bytes());
    Some(out)
}

/// Reads an answer to a question.
pub(crate) fn read(message: &[u8], question: &[u8]) -> Answer {
    let (Some(head), Some(asked)) = (message.get(..HEAD), message.get(HEAD..question.len())) else {
        return Answer::NotOurs;
    };
    let byte = |at: usize| head.get(at).copied().unwrap_or_default();
    let is_answer = byte(2) & 0xf8 == 0x80;
    let same_question = question.get(HEAD..).is_some_and(|wanted| wanted.eq_ignore_ascii_case(asked));
    let same_head = question.get(..2) == head.get(..2) && (byte(4), byte(5)) == (0, 1);
    if !is_answer || !same_question || !same_head {
        return Answer::NotOurs;
    }
    if byte(2) & 0x02 != 0 {
        return Answer::Cut;
    }
    match byte(3) & 0x0f {
        0 => {}
        // There is no such name.
        3 => return Answer::Services(Vec::new()),
        code => return Answer::Refused(code),
    }
    let count = u16::from_be_bytes([byte(6), byte(7)]);
    let mut reader = Reader { message, at: question.len() };
    match reader.services(count) {
        Some(mut services) => {
            // The heavier first: by chance they would be spread, but whoever tries all of them in order spreads nothing.
            services.sort_by(|one, other| {
                one.priority
                    .cmp(&other.priority)
                    .then(other.weight.cmp(&one.weight))
                    .then(one.host.cmp(&other.host))
            });
            Answer::Services(services)
        }
        None => Answer::Broken,
    }
}

struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u16> {
        let bytes = self.message.get(self.at..self.at + 2)?;
        self.at += 2;
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }

    fn services(&mut self, count: u16) -> Option<Vec<Service>> {
        let owner = Reader { message: self.message, at: HEAD }.name()?;
        let mut found = Vec::new();
        for _ in 0..count {
            let name = self.name()?;
            let (kind, class) = (self.number()?, self.number()?);
            // How long it may be kept: nobody keeps it.
            self.at += 4;
            let length = usize::from(self.number()?);
            let end = self.at.checked_add(length).filter(|end| *end <= self.message.len())?;
            if kind == SRV && class == INTERNET && name == owner && found.len() < SERVICES_MAX {
                let (priority, weight, port) = (self.number()?, self.number()?, self.number()?);
                let host = self.name()?;
                if self.at != end {
                    return None;
                }
                // A dot alone says that there is decidedly no such service.
                if !host.is_empty() && port > 0 {
                    found.push(Service { priority, weight, host, port });
                }
            }
            self.at = end;
        }
        Some(found)
    }

    /// A name in small letters, whose end may stand elsewhere (RFC 1035 §4.1.4).
    fn name(&mut self) -> Option<String> {
        let (mut name, mut at, mut jumps) = (String::new(), self.at, 0);
        loop {
            let length = *self.message.get(at)?;
            match length >> 6 {
                0 if length == 0 => {
                    if jumps == 0 {
                        self.at = at + 1;
                    }
                    return Some(name);
                }
                0 => {
                    let label = self.message.get(at + 1..at + 1 + usize::from(length))?;
                    let is_kept = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                    if !label.iter().all(is_kept) || name.len() + label.len() + 1 > NAME_MAX {
                        return None;
                    }
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.extend(label.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
                    at += 1 + usize::from(length);
                }
                3 => {
                    if jumps == 0 {
                        self.at = at + 2;
                    }
                    jumps += 1;
                    let to = usize::from(length & 0x3f) << 8 | usize::from(*self.message.get(at + 1)?);
                    // Only ever backwards: a circle has no end.
                    if jumps > JUMPS_MAX || to >= at {
                        return None;
                    }
                    at = to;
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "_ldap._tcp.example.test";

    fn asked() -> Vec<u8> {
        question([7, 8], NAME).unwrap()
    }

    fn answer(code: u8, records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = asked();
        out[2] = 0x81;
        out[3] = 0x80 | code;
        out[7] = u8::try_from(records.len()).unwrap();
        [out, records.concat()].concat()
    }

    /// A record whose owner is the name that was asked for.
    fn record(kind: u8, numbers: [u8; 3], target: &[u8]) -> Vec<u8> {
        let [priority, weight, port] = numbers;
        let data = [&[0, priority, 0, weight, 1, port], target].concat();
        let length = u8::try_from(data.len()).unwrap();
        [&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, length], data.as_slice()].concat()
    }

    #[test]
    fn services_come_in_the_order_in_which_they_are_asked() {
        let records = [
            record(33, [1, 5, 133], b"\x03dc2\x07example\x04test\0"),
            record(33, [0, 5, 133], b"\x03DC3\xc0\x17"),
            record(33, [0, 9, 133], b"\x03dc1\xc0\x17"),
            record(5, [0, 9, 133], b"\x03dc9\xc0\x17"),
            record(33, [0, 0, 133], b"\0"),
        ];
        let Answer::Services(found) = read(&answer(0, &records), &asked()) else { panic!("no services") };
        let found: Vec<String> = found.iter().map(|one| format!("{}:{}", one.host, one.port)).collect();
        assert_eq!(found, ["dc1.example.test:389", "dc3.example.test:389", "dc2.example.test:389"]);
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        let good = answer(0, &[record(33, [0, 0, 133], b"\x03dc1\xc0\x17")]);
        let with = |at: usize, byte: u8| {
            let mut out = good.clone();
            out[at] = byte;
            read(&out, &asked())
        };
        assert_eq!(with(0, 9), Answer::NotOurs);
        assert_eq!(with(2, 0x01), Answer::NotOurs);
        assert_eq!(with(5, 0), Answer::NotOurs);
        assert_eq!(with(13, b'x'), Answer::NotOurs);
        assert_eq!(with(2, 0x83), Answer::Cut);
        assert_eq!(with(3, 0x83), Answer::Services(Vec::new()));
        assert_eq!(with(3, 0x82), Answer::Refused(2));
        assert_eq!(with(7, 2), Answer::Broken);
        assert_eq!(read(good.get(..good.len() - 1).unwrap(), &asked()), Answer::Broken);
        // A name that begins where it ends, and one with an odd letter.
        for target in [&b"\xc0\x40"[..], b"\x03d/1\xc0\x17", b"\x40"] {
            let odd = answer(0, &[record(33, [0, 0, 133], target)]);
            assert_eq!(read(&odd, &asked()), Answer::Broken);
        }
        assert_eq!(question([0, 0], "a..b"), None);
        assert_eq!(question([0, 0], &"a".repeat(64)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(behind in prop::collection::vec(any::<u8>(), 0..80), count: u8) {
            let mut out = answer(0, &[]);
            out[7] = count;
            out.extend(behind);
            let _ = read(&out, &asked());
        }
    }
}
