using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AttnGen.Decode;

/// <summary>Writes a safetensors file of float32, tensor by tensor in the order of the plan.</summary>
internal sealed class SafetensorsWriter : IDisposable
{
    private readonly FileStream _file;

    public SafetensorsWriter(string path, IEnumerable<PlannedTensor> tensors)
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        foreach (PlannedTensor tensor in tensors)
        {
            long end = at + 4L * tensor.Count;
            header.Append(CultureInfo.InvariantCulture, $",\"{tensor.Name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', tensor.Shape)}],\"data_offsets\":[{at},{end}]}}");
            at = end;
        }

        header.Append('}');
        while ((header.Length + 8) % 64 != 0) header.Append(' ');
        _file = File.Create(path);
        _file.Write(BitConverter.GetBytes((long)header.Length));
        _file.Write(Encoding.ASCII.GetBytes(header.ToString()));
    }

    public void Add(float[] values) => _file.Write(MemoryMarshal.AsBytes(values.AsSpan()));

    public void Dispose() => _file.Dispose();
}
