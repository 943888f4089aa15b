//! Bytes as text, whatever encoding they are in.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a document. A mark at its beginning counts most, then what the document says of itself, then what
/// the host says; without any of them it is UTF-8, or Windows-1252 where it cannot be. Never fails: what cannot be
/// read becomes `\u{fffd}`.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let encoding = match bytes {
        [b'<', 0, ..] | [b'{', 0, ..] => UTF_16LE,
        [0, b'<', ..] | [0, b'{', ..] => UTF_16BE,
        _ => declared(bytes)
            .or_else(|| charset(content_type?))
            .unwrap_or_else(|| match std::str::from_utf8(bytes) {
                Ok(_) => UTF_8,
                Err(_) => WINDOWS_1252,
            }),
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// What `<?xml … encoding="…"?>` says, as far as it can be true: readable as ASCII it is not UTF-16.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head = String::from_utf8_lossy(head);
    // Some put blanks, marks or rubbish before it.
    let head = &head[head.find("<?xml")? + "<?xml".len()..];
    let head = &head[..head.find("?>")?];
    let value = head[head.find("encoding")? + "encoding".len()..].trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    (!wide).then_some(encoding)
}

/// The `charset` of a `Content-Type`.
fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.as_bytes()))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let utf16: Vec<u8> = "<é>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain("<é>".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        for (bytes, content_type, expected) in [
            (&b"<a>\xc3\xa9"[..], None, "<a>é"),
            (b"\xef\xbb\xbf<a>", None, "<a>"),
            (b"<a>\xe9\x80", None, "<a>é€"),
            (b"<a>\xe9", Some("text/xml; charset=\"iso-8859-1\""), "<a>é"),
            (
                b"<?xml version='1.0' encoding='koi8-r'?>\xd0",
                None,
                "<?xml version='1.0' encoding='koi8-r'?>п",
            ),
            (
                b"<?xml encoding='utf-8'?>\xff",
                Some("text/xml; charset=latin1"),
                "<?xml encoding='utf-8'?>\u{fffd}",
            ),
            (
                b"<?xml encoding='utf-16'?>a",
                None,
                "<?xml encoding='utf-16'?>a",
            ),
            (b"<?xml encoding=", None, "<?xml encoding="),
            (
                b"<?xml encoding=\xff?>",
                Some("; charset=utf-8"),
                "<?xml encoding=\u{fffd}?>",
            ),
            (&utf16, None, "<é>"),
            (&marked, None, "<é>"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(bytes, content_type), expected);
        }
    }
}
