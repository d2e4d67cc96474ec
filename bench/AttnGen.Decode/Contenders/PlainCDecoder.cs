using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AttnGen.Decode;

/// <summary>The loop of <c>decode.c</c>, compiled on this machine for this machine.</summary>
internal sealed unsafe class PlainCDecoder : Decoder
{
    private readonly Library _library;
    private readonly ModelShape _shape;
    private readonly int _threads;
    private nint _decoder;
    private int _position;

    public PlainCDecoder(Library library, ModelShape shape, PlainWeights weights, int threads)
        : base($"plain C ({library.Compiler})")
    {
        (_library, _shape, _threads) = (library, shape, threads);
        var sizes = new Sizes(shape, threads);
        float*[] tensors = weights.Tensors;
        fixed (float** first = tensors) _decoder = library.Open(&sizes, first, tensors.Length);
        if (_decoder == 0) throw new InsufficientMemoryException("The plain loop got no memory.");
    }

    public override int Threads => _threads;

    public override float Tolerance => Decoders.SingleTolerance;

    public override bool ReadsTogether => false;

    public override int Position => _position;

    public override ReadOnlySpan<float> Append(ReadOnlySpan<int> ids)
    {
        float* logits = null;
        for (int i = 0; i < ids.Length; i++) logits = _library.Step(_decoder, ids[i], _position++, i == ids.Length - 1 ? 1 : 0);
        return new(logits, _shape.Vocabulary);
    }

    /// <summary>Random keys and values in place of these tokens': token by token they would take a minute.</summary>
    public override void Fill(ReadOnlySpan<int> ids)
    {
        _library.Fill(_decoder);
        _position += ids.Length;
    }

    public override void Back(int position) => _position = position;

    public override void Dispose()
    {
        _library.Close(_decoder);
        _decoder = 0;
    }

    /// <summary>The compiled library.</summary>
    internal sealed class Library
    {
        private Library(nint handle, string compiler)
        {
            Compiler = compiler;
            Open = (delegate* unmanaged<Sizes*, float**, int, nint>)NativeLibrary.GetExport(handle, "decode_open");
            Step = (delegate* unmanaged<nint, int, int, int, float*>)NativeLibrary.GetExport(handle, "decode_step");
            Fill = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(handle, "decode_fill");
            Close = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(handle, "decode_close");
        }

        public string Compiler { get; }

        public delegate* unmanaged<Sizes*, float**, int, nint> Open { get; }

        public delegate* unmanaged<nint, int, int, int, float*> Step { get; }

        public delegate* unmanaged<nint, void> Fill { get; }

        public delegate* unmanaged<nint, void> Close { get; }

        /// <summary>Compiles it; null, with the reason, where that does not work.</summary>
        public static Library? Build(string work, int threads, out string reason)
        {
            string source = Path.Combine(work, $"decode-{Environment.ProcessId}.c"), output = Path.ChangeExtension(source, ".so");
            try
            {
                using (Stream stream = typeof(Library).Assembly.GetManifestResourceStream("decode.c")!)
                using (FileStream file = File.Create(source)) stream.CopyTo(file);
                string? version = Run("gcc", ["-dumpfullversion"], out _);
                if (version is null)
                {
                    reason = "there is no gcc on the PATH";
                    return null;
                }

                string[] openMp = threads > 1 ? ["-fopenmp"] : [];
                if (Run("gcc", ["-O3", "-march=native", "-ffast-math", .. openMp, "-shared", "-fPIC", "-o", output, source, "-lm"], out reason) is null) return null;
                return new(NativeLibrary.Load(output), "gcc " + version.Trim());
            }
            finally
            {
                File.Delete(source);
                File.Delete(output); // what is loaded stays
            }
        }

        private static string? Run(string program, string[] arguments, out string reason)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                string printed = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
                process.WaitForExit();
                reason = error.Trim();
                return process.ExitCode == 0 ? printed : null;
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                reason = e.Message;
                return null;
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Sizes(ModelShape shape, int threads)
    {
        private readonly int _gpt2 = shape.IsGpt2 ? 1 : 0, _width = shape.Width, _layers = shape.Layers, _heads = shape.Heads, _kvHeads = shape.KvHeads, _hidden = shape.Hidden;
        private readonly int _vocabulary = shape.Vocabulary, _window = shape.Window, _threads = threads;
        private readonly float _epsilon = shape.Epsilon, _theta = shape.Theta;
    }
}
