//! The wire format as sentences.

use super::*;
use crate::binder::object::{BINDER_TYPE_HANDLE, FlatBinderObject};
use alloc::string::String;

fn handle(number: u64) -> FlatBinderObject {
    FlatBinderObject {
        kind: BINDER_TYPE_HANDLE,
        binder: number,
        ..FlatBinderObject::default()
    }
}

#[test]
fn text_is_utf16_with_length_terminator_and_padding() {
    let mut writer = Writer::new();
    writer.write_string16("ab");
    assert_eq!(writer.data(), [2, 0, 0, 0, b'a', 0, b'b', 0, 0, 0, 0, 0]);
    let mut reader = Reader::new(writer.data(), &[]);
    assert_eq!(reader.read_string16().as_deref(), Ok("ab"));
    assert_eq!(reader.remaining(), 0);
}

#[test]
fn every_value_comes_back() {
    let mut writer = Writer::new();
    writer.write_i32(-5);
    writer.write_i64(1 << 40);
    writer.write_bool(true);
    writer.write_byte_array(b"abcde");
    writer.write_optional_string16(None);
    writer.write_string16_array(&["x", "\u{1f600}"]);
    writer.write_i32_array(&[1, -2]);
    writer.write_null_binder();
    writer.write_binder(&handle(7), Stability::SYSTEM);
    writer.write_parcel_fd(3);
    assert_eq!(writer.objects().len(), 2);
    let mut reader = Reader::new(writer.data(), writer.objects());
    assert_eq!(reader.read_i32(), Ok(-5));
    assert_eq!(reader.read_i64(), Ok(1 << 40));
    assert_eq!(reader.read_bool(), Ok(true));
    assert_eq!(reader.read_byte_array(), Ok(&b"abcde"[..]));
    assert_eq!(reader.read_optional_string16(), Ok(None));
    assert_eq!(
        reader.read_string16_array(),
        Ok([String::from("x"), String::from("\u{1f600}")].into())
    );
    assert_eq!(reader.read_i32_array(), Ok([1, -2].into()));
    assert_eq!(reader.read_binder(), Ok(None));
    assert_eq!(reader.read_binder(), Ok(Some((handle(7), Stability::SYSTEM))));
    assert_eq!(reader.read_parcel_fd(), Ok(Some(3)));
    assert_eq!(reader.remaining(), 0);
}

#[test]
fn an_object_is_read_only_where_the_driver_found_one() {
    let mut writer = Writer::new();
    writer.write_binder(&handle(7), Stability::SYSTEM);
    let mut reader = Reader::new(writer.data(), &[]);
    assert_eq!(reader.read_binder(), Err(Error::BadType));
    assert_eq!(reader.position(), 0);
}

#[test]
fn a_token_is_understood_in_its_three_forms() {
    let mut writer = Writer::new();
    writer.write_token("android.os.IServiceManager");
    assert_eq!(&writer.data()[..12], b"\0\0\0\x80\xff\xff\xff\xffTSYS");
    for skipped in [&[][..], &[2], &[1, 2]] {
        let mut words = Writer::new();
        for (index, word) in writer.data().chunks_exact(4).enumerate() {
            if !skipped.contains(&index) {
                words.write_raw(word);
            }
        }
        words.write_i32(99);
        let mut reader = Reader::new(words.data(), &[]);
        let token = reader.read_token().unwrap();
        assert_eq!(token.descriptor, "android.os.IServiceManager");
        assert_eq!(token.work_source, (skipped.len() < 2).then_some(-1));
        assert_eq!(token.header, skipped.is_empty().then_some(HEADER_SYSTEM));
        assert_eq!(reader.read_i32(), Ok(99));
    }
}

#[test]
fn an_exception_comes_back_with_its_message() {
    for kind in [
        ExceptionKind::Security,
        ExceptionKind::ServiceSpecific(42),
        ExceptionKind::Other(-77),
    ] {
        let mut writer = Writer::new();
        let exception = Exception::new(kind, "no");
        writer.write_exception(&exception);
        let mut reader = Reader::new(writer.data(), &[]);
        assert_eq!(reader.read_exception(), Ok(Some(exception)));
        assert_eq!(reader.remaining(), 0);
    }
    assert_eq!(Reader::new(&[0; 4], &[]).read_exception(), Ok(None));
}

#[test]
fn a_reader_skips_fields_it_does_not_know() {
    let mut writer = Writer::new();
    writer.write_parcelable(|fields| {
        fields.write_i32(1);
        fields.write_i32(2);
    });
    writer.write_i32(3);
    let mut reader = Reader::new(writer.data(), &[]);
    assert_eq!(reader.read_parcelable(Reader::read_i32), Ok(Some(1)));
    assert_eq!(reader.read_i32(), Ok(3));
}

#[test]
fn lengths_that_cannot_be_true_are_refused() {
    let huge = i32::MAX.to_le_bytes();
    assert_eq!(Reader::new(&huge, &[]).read_string16(), Err(Error::NotEnoughData));
    assert_eq!(
        Reader::new(&huge, &[]).read_byte_array(),
        Err(Error::NotEnoughData)
    );
    assert_eq!(
        Reader::new(&huge, &[]).read_i32_array(),
        Err(Error::NotEnoughData)
    );
    let negative = (-2_i32).to_le_bytes();
    assert_eq!(Reader::new(&negative, &[]).read_string16(), Err(Error::BadValue));
    let unterminated = [1, 0, 0, 0, b'a', 0, b'b', 0];
    assert_eq!(
        Reader::new(&unterminated, &[]).read_string16(),
        Err(Error::BadValue)
    );
}

#[test]
fn no_bytes_make_a_reader_panic() {
    // A small linear congruential generator: the same bytes in every run.
    let mut state = 1_u32;
    for length in 0..200_usize {
        let data: alloc::vec::Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state & 0x300 == 0 {
                    (state >> 24) as u8
                } else {
                    0
                }
            })
            .collect();
        let objects = [0, 4, 24];
        let _ = Reader::new(&data, &objects).read_token();
        let _ = Reader::new(&data, &objects).read_exception();
        let _ = Reader::new(&data, &objects).read_string16_array();
        let _ = Reader::new(&data, &objects).read_binder();
        let _ = Reader::new(&data, &objects).read_parcel_fd();
        let _ = Reader::new(&data, &objects).read_parcelable(Reader::read_i32_array);
    }
}
