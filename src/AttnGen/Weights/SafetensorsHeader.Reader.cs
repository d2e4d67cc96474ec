using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AttnGen;

internal sealed partial record SafetensorsHeader
{
    /// <summary>
    /// A reader of exactly this JSON: one object of tensors and <c>__metadata__</c>. Strict RFC 8259, at most 127 levels deep, no key twice in any
    /// object; numbers must be written as plain integers. Unknown fields of a tensor are read over, as the format's reference reader does.
    /// </summary>
    private ref struct HeaderReader
    {
        private const int MaxDepth = 127;
        private const string MetadataKey = "__metadata__";

        private readonly ReadOnlySpan<byte> _json;
        private readonly string _file;
        private int _at;
        private string? _tensor;

        public HeaderReader(ReadOnlySpan<byte> json, string file)
        {
            _json = json;
            _file = file;
            Tensors = new(StringComparer.Ordinal);
            Metadata = new(StringComparer.Ordinal);
        }

        public Dictionary<string, RawTensor> Tensors { get; }

        public Dictionary<string, string> Metadata { get; }

        public void ReadAll()
        {
            if (!Utf8.IsValid(_json))
            {
                throw Fail("the header is not valid UTF-8");
            }

            SkipSpace();
            var metadataSeen = false;
            for (var first = true; NextKey("the header", ref first, out var key);)
            {
                if (key == MetadataKey)
                {
                    if (metadataSeen)
                    {
                        throw Duplicate(key, "the header");
                    }

                    metadataSeen = true;
                    ReadMetadata();
                    continue;
                }

                _tensor = key;
                var tensor = ReadTensor();
                if (!Tensors.TryAdd(key, tensor))
                {
                    throw Duplicate(key, "the header");
                }

                _tensor = null;
            }

            if (_at < _json.Length)
            {
                throw Fail($"the header goes on after its object, with {Found()} at byte {_at}");
            }
        }

        private void ReadMetadata()
        {
            if (Peek() == 'n')
            {
                Literal("null"u8);
                return;
            }

            for (var first = true; NextKey(MetadataKey, ref first, out var key);)
            {
                if (Peek() != '"')
                {
                    throw Fail($"{MetadataKey} has {Found()} as the value of {WeightText.Quote(key)}, a string is expected");
                }

                if (!Metadata.TryAdd(key, ReadString()))
                {
                    throw Duplicate(key, MetadataKey);
                }
            }
        }

        private RawTensor ReadTensor()
        {
            TensorType? type = null;
            ulong[]? shape = null;
            ulong[]? offsets = null;
            HashSet<string>? others = null;
            for (var first = true; NextKey("it", ref first, out var key);)
            {
                bool isNew;
                switch (key)
                {
                    case "dtype":
                        isNew = type is null;
                        type = ReadType();
                        break;
                    case "shape":
                        isNew = shape is null;
                        shape = ReadShape();
                        break;
                    case "data_offsets":
                        isNew = offsets is null;
                        offsets = ReadOffsets();
                        break;
                    default:
                        isNew = (others ??= new(StringComparer.Ordinal)).Add(key);
                        SkipValue(3);
                        break;
                }

                if (!isNew)
                {
                    throw Duplicate(key, "it");
                }
            }

            return new(
                type ?? throw Fail("'dtype' is missing"),
                shape ?? throw Fail("'shape' is missing"),
                (offsets ?? throw Fail("'data_offsets' is missing"))[0],
                offsets[1]);
        }

        private TensorType ReadType()
        {
            if (Peek() != '"')
            {
                throw Fail($"its dtype is {Found()}, a string is expected");
            }

            var name = ReadString();
            return TensorTypes.TryParse(name, out var type)
                ? type
                : throw Fail($"its dtype is {WeightText.Quote(name)}, which the format does not have; one such as 'F32' or 'BF16' is expected");
        }

        private ulong[] ReadShape()
        {
            var sizes = new List<ulong>();
            for (var first = true; NextElement("shape", ref first);)
            {
                sizes.Add(ReadUnsigned("shape"));
            }

            return [.. sizes];
        }

        private ulong[] ReadOffsets()
        {
            var values = new ulong[2];
            var count = 0;
            for (var first = true; NextElement("data_offsets", ref first); count++)
            {
                var value = ReadUnsigned("data_offsets");
                if (count == 2)
                {
                    throw Fail("its data_offsets have more than 2 numbers, [begin, end] is expected");
                }

                values[count] = value;
            }

            return count == 2 ? values : throw Fail($"its data_offsets have length {count}, [begin, end] is expected");
        }

        private ulong ReadUnsigned(string where)
        {
            if (Peek() is not ('-' or (>= '0' and <= '9')))
            {
                throw Fail($"its {where} holds {Found()}, an integer is expected");
            }

            var number = ReadNumber();
            return ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Fail($"its {where} holds {WeightText.Quote(Encoding.UTF8.GetString(number))}, a plain integer from 0 to {ulong.MaxValue} is expected");
        }

        // JSON's number: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
        private ReadOnlySpan<byte> ReadNumber()
        {
            var start = _at;
            Accept('-');
            if (!Accept('0'))
            {
                Digits();
            }

            if (Accept('.'))
            {
                Digits();
            }

            if (Accept('e') || Accept('E'))
            {
                _ = Accept('+') || Accept('-');
                Digits();
            }

            return _json[start.._at];
        }

        private void Digits()
        {
            var start = _at;
            while (Peek() is >= '0' and <= '9')
            {
                _at++;
            }

            if (_at == start)
            {
                throw Unexpected("a digit");
            }
        }

        /// <summary>Opens an object or goes on in it.</summary>
        /// <returns>Whether there is a key; the reader then stands at its value. Otherwise it stands behind the object.</returns>
        private bool NextKey(string what, ref bool first, out string key)
        {
            key = "";
            if (first && Peek() != '{')
            {
                throw Fail(_tensor is null && what != MetadataKey ? $"the header starts with {Found()}, a JSON object is expected" : $"{what} is {Found()}, an object is expected");
            }

            if (!NextItem('}', ref first))
            {
                return false;
            }

            if (Peek() != '"')
            {
                throw Unexpected("a key in quotes");
            }

            key = ReadString();
            SkipSpace();
            if (!Accept(':'))
            {
                throw Unexpected("':'");
            }

            SkipSpace();
            return true;
        }

        /// <summary>Opens an array or goes on in it.</summary>
        /// <returns>Whether there is an element; the reader then stands at it. Otherwise it stands behind the array.</returns>
        private bool NextElement(string what, ref bool first)
        {
            if (first && Peek() != '[')
            {
                throw Fail($"its {what} is {Found()}, an array is expected");
            }

            return NextItem(']', ref first);
        }

        private bool NextItem(char close, ref bool first)
        {
            var opens = first;
            first = false;
            if (opens)
            {
                _at++;
            }

            SkipSpace();
            if (Accept(close))
            {
                SkipSpace();
                return false;
            }

            if (!opens)
            {
                if (!Accept(','))
                {
                    throw Unexpected($"',' or '{close}'");
                }

                SkipSpace();
            }

            return true;
        }

        /// <summary>Reads over a value of any kind, at a depth that counts the containers around it, itself included.</summary>
        private void SkipValue(int depth)
        {
            var kind = Peek();
            if (kind is '{' or '[' && depth > MaxDepth)
            {
                throw Fail($"the header nests deeper than {MaxDepth} levels at byte {_at}");
            }

            switch (kind)
            {
                case '{':
                    HashSet<string>? keys = null;
                    for (var first = true; NextKey("it", ref first, out var key);)
                    {
                        if (!(keys ??= new(StringComparer.Ordinal)).Add(key))
                        {
                            throw Duplicate(key, "an object in it");
                        }

                        SkipValue(depth + 1);
                    }

                    break;
                case '[':
                    for (var first = true; NextElement("value", ref first);)
                    {
                        SkipValue(depth + 1);
                    }

                    break;
                case '"':
                    ReadString();
                    break;
                case 't':
                    Literal("true"u8);
                    break;
                case 'f':
                    Literal("false"u8);
                    break;
                case 'n':
                    Literal("null"u8);
                    break;
                case '-' or (>= '0' and <= '9'):
                    var number = ReadNumber();
                    if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || double.IsInfinity(value))
                    {
                        throw Fail($"the number {WeightText.Quote(Encoding.UTF8.GetString(number))} is out of range");
                    }

                    break;
                default:
                    throw Unexpected("a value");
            }
        }

        private void Literal(ReadOnlySpan<byte> word)
        {
            if (!_json[_at..].StartsWith(word))
            {
                throw Unexpected($"'{Encoding.ASCII.GetString(word)}'");
            }

            _at += word.Length;
        }

        private string ReadString()
        {
            _at++;
            StringBuilder? text = null;
            while (true)
            {
                // Names are short: a loop that is there costs less than a vectorised search that the JIT has to make first.
                var start = _at;
                while (Peek() is >= 0x20 and not ('"' or '\\'))
                {
                    _at++;
                }

                if (_at == _json.Length)
                {
                    throw Unexpected("the end of a string");
                }

                var part = Encoding.UTF8.GetString(_json[start.._at]);
                if (Accept('"'))
                {
                    return text is null ? part : text.Append(part).ToString();
                }

                if (!Accept('\\'))
                {
                    throw Fail($"a string in the header has the control character 0x{_json[_at]:x2} at byte {_at}, which must be escaped");
                }

                (text ??= new()).Append(part);
                ReadEscape(text);
            }
        }

        private void ReadEscape(StringBuilder text)
        {
            var kind = Peek();
            _at++;
            switch (kind)
            {
                case '"' or '\\' or '/':
                    text.Append((char)kind);
                    break;
                case 'b':
                    text.Append('\b');
                    break;
                case 'f':
                    text.Append('\f');
                    break;
                case 'n':
                    text.Append('\n');
                    break;
                case 'r':
                    text.Append('\r');
                    break;
                case 't':
                    text.Append('\t');
                    break;
                case 'u':
                    var unit = Hex4();
                    text.Append(unit);
                    if (char.IsHighSurrogate(unit) && Accept('\\') && Accept('u') && Hex4() is var low && char.IsLowSurrogate(low))
                    {
                        text.Append(low);
                    }
                    else if (char.IsSurrogate(unit))
                    {
                        throw Fail($"a string in the header has half of a surrogate pair before byte {_at}");
                    }

                    break;
                default:
                    _at--;
                    throw Unexpected("one of \"\\/bfnrtu after a backslash");
            }
        }

        private char Hex4()
        {
            var value = 0;
            for (var i = 0; i < 4; i++, _at++)
            {
                var digit = Peek();
                if (digit < 0 || !char.IsAsciiHexDigit((char)digit))
                {
                    throw Unexpected("a hexadecimal digit");
                }

                value = (value << 4) + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
            }

            return (char)value;
        }

        private readonly int Peek() => _at < _json.Length ? _json[_at] : -1;

        private bool Accept(char c)
        {
            if (Peek() != c)
            {
                return false;
            }

            _at++;
            return true;
        }

        private void SkipSpace()
        {
            while (Peek() is ' ' or '\t' or '\n' or '\r')
            {
                _at++;
            }
        }

        /// <summary>What stands here, in words.</summary>
        private readonly string Found() => Peek() switch
        {
            -1 => "the end of the header",
            '"' => "a string",
            '{' => "an object",
            '[' => "an array",
            '-' or (>= '0' and <= '9') => "a number",
            't' or 'f' => "a boolean",
            'n' => "null",
            var c and > 0x20 and < 0x7F => $"'{(char)c}'",
            var c => $"the byte 0x{c:x2}",
        };

        private readonly SafetensorsFormatException Unexpected(string expected) =>
            Fail($"the header is not valid JSON, with {Found()} at byte {_at} where {expected} is expected");

        private readonly SafetensorsFormatException Duplicate(string key, string where) =>
            Fail($"{where} has the key {WeightText.Quote(key)} twice");

        private readonly SafetensorsFormatException Fail(string what) =>
            new(_file, _tensor, _tensor is null ? $"{_file}: {what}." : $"{_file}: tensor {WeightText.Quote(_tensor)}: {what}.");
    }
}
