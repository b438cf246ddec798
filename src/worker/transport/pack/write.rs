//! Writing: a serializer whose output names nothing.

use super::{Never, foreign};
use serde::{Serialize, ser};

/// What has been written so far.
#[derive(Default)]
pub(super) struct Out(Vec<u8>);

impl Out {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    #[inline(never)]
    fn whole(&mut self, mut n: u64) {
        while n > 0x7f {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.whole(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn signed(&mut self, n: i64) {
        self.whole((n << 1 ^ n >> 63) as u64);
    }
}

type Written = Result<(), Never>;

impl ser::Serializer for &mut Out {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, v: bool) -> Written {
        self.0.push(u8::from(v));
        Ok(())
    }

    fn serialize_i8(self, v: i8) -> Written {
        self.signed(v.into());
        Ok(())
    }

    fn serialize_i16(self, v: i16) -> Written {
        self.signed(v.into());
        Ok(())
    }

    fn serialize_i32(self, v: i32) -> Written {
        self.signed(v.into());
        Ok(())
    }

    fn serialize_i64(self, v: i64) -> Written {
        self.signed(v);
        Ok(())
    }

    fn serialize_u8(self, v: u8) -> Written {
        self.0.push(v);
        Ok(())
    }

    fn serialize_u16(self, v: u16) -> Written {
        self.whole(v.into());
        Ok(())
    }

    fn serialize_u32(self, v: u32) -> Written {
        self.whole(v.into());
        Ok(())
    }

    fn serialize_u64(self, v: u64) -> Written {
        self.whole(v);
        Ok(())
    }

    fn serialize_f32(self, v: f32) -> Written {
        self.0.extend_from_slice(&v.to_le_bytes());
        Ok(())
    }

    fn serialize_f64(self, v: f64) -> Written {
        self.0.extend_from_slice(&v.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, v: char) -> Written {
        self.whole(u32::from(v).into());
        Ok(())
    }

    fn serialize_str(self, v: &str) -> Written {
        self.bytes(v.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, v: &[u8]) -> Written {
        self.bytes(v);
        Ok(())
    }

    fn serialize_none(self) -> Written {
        self.0.push(0);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Written {
        self.whole(index.into());
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        self.whole(index.into());
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Never> {
        self.whole(length.unwrap_or_else(|| foreign()) as u64);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        self.whole(index.into());
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Never> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        self.whole(index.into());
        Ok(self)
    }
}

impl ser::SerializeSeq for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTuple for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTupleStruct for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTupleVariant for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeMap for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
        self.0.push(1);
        value.serialize(&mut **self)
    }

    fn skip_field(&mut self, _: &'static str) -> Written {
        self.0.push(0);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeStructVariant for &mut Out {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
        self.0.push(1);
        value.serialize(&mut **self)
    }

    fn skip_field(&mut self, _: &'static str) -> Written {
        self.0.push(0);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(())
    }
}
