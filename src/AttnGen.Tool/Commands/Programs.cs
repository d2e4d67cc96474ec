namespace AttnGen.Tool;

/// <summary>A program that <c>attngen new</c> writes.</summary>
/// <param name="Does">What it does, for the project's README.</param>
/// <param name="Text">The program; MODEL_CLASS and MODEL_FOLDER are put in.</param>
/// <param name="Package">The package that it needs.</param>
internal sealed record ProjectProgram(string Does, string Text, string Package = "AttnGen");

/// <summary>The programs, one for each kind of model. Each says what it has loaded, shows a result that a reader can judge, and what to do next.</summary>
internal static class Programs
{
    // The end of each program for a model.
    private const string Class =
        """


        [TransformerModel("MODEL_FOLDER")]
        internal sealed partial class MODEL_CLASS;

        """;

    public static ProjectProgram Sentences { get; } = OfText(
        "prints how near texts are to each other (cosines of their vectors, 1 is the nearest)",
        """
        // One text of your own is compared with these, several with each other.
        string[] texts = args.Length > 1 ? args : [.. args, "A man is playing a guitar.", "Somebody makes music.", "The stock market fell sharply today."];

        using var generator = TextEmbeddingGenerator.Create<MODEL_CLASS>();
        Console.WriteLine($"MODEL_CLASS: texts of up to {generator.MaxTokens} tokens become vectors of {generator.Dimensions} numbers. Their cosines:");
        var vectors = texts.Select(generator.Embed).ToArray();
        for (var i = 0; i < texts.Length; i++)
        {
            for (var j = i + 1; j < texts.Length; j++)
                Console.WriteLine($"  {Cosine(vectors[i], vectors[j]),7:F4}  {texts[i]}  |  {texts[j]}");
        }

        Console.WriteLine("Your own texts: dotnet run -- \"one text\" \"another\"");

        static double Cosine(float[] a, float[] b)
        {
            double dot = 0, lengthA = 0, lengthB = 0;
            for (var i = 0; i < a.Length; i++)
                (dot, lengthA, lengthB) = (dot + a[i] * b[i], lengthA + a[i] * a[i], lengthB + b[i] * b[i]);
            return dot / Math.Sqrt(lengthA * lengthB);
        }
        """);

    public static ProjectProgram Classifier { get; } = OfEachText(
        "classifies texts and prints the most probable labels of each",
        """
        "I would buy it again.", "It broke after two days."
        """,
        "TextClassifier",
        "tokens, {classifier.Labels.Count} labels. Score and label:",
        """
        foreach (var (label, score) in classifier.Classify(text).Take(5))
            Console.WriteLine($"  {score,7:F4}  {label}");
        """,
        "; a model that compares two texts takes the second as Classify's second argument.");

    public static ProjectProgram Tokens { get; } = OfEachText(
        "finds what the model has labels for (names, places, …) in texts",
        """
        "Ada Lovelace lived in London.", "The Danube flows from Germany to the Black Sea."
        """,
        "TokenClassifier",
        """tokens; labels: {string.Join(", ", classifier.Labels.Take(12))}""",
        """
        foreach (var entity in classifier.Find(text))
            Console.WriteLine($"  {entity.Score:F4}  {entity.Label}: {text[entity.Range]}");
        """);

    public static ProjectProgram Reranker { get; } = OfText(
        "puts documents in the order in which they answer a query",
        """
        var query = args.Length > 0 ? args[0] : "What eats lettuce?";
        string[] documents = args.Length > 1 ? args[1..] : ["The bus was late again.", "Slugs ate all the lettuce in the garden.", "Lettuce is sown in spring."];

        using var reranker = Reranker.Create<MODEL_CLASS>();
        Console.WriteLine($"MODEL_CLASS: pairs of up to {reranker.MaxTokens} tokens. Documents for \"{query}\", the best first:");
        foreach (var (index, score) in reranker.Rank(query, documents))
            Console.WriteLine($"  {score,8:F4}  {documents[index]}");
        Console.WriteLine("Your own: dotnet run -- \"the query\" \"one document\" \"another\"");
        """,
        "give a query and documents of your own as arguments.");

    public static ProjectProgram Ids { get; } = new(
        "runs the model on token ids: there is no tokenizer for its folder.",
        """
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, up to {info.MaxTokens} tokens");

        // Ids in place of text: put the ids here that the model's tokenizer gives.
        int[] ids = [.. Enumerable.Range(1, Math.Min(8, info.MaxTokens)).Select(i => i * 7 % info.VocabularySize)];
        var hidden = new float[ids.Length * info.HiddenSize];
        model.Forward(ids, hidden);
        Console.WriteLine($"{ids.Length} ids give {ids.Length} x {info.HiddenSize} numbers, the hidden state of each token:");
        for (var token = 0; token < ids.Length; token++)
            Console.WriteLine($"  id {ids[token],6}: {string.Join(", ", hidden.Skip(token * info.HiddenSize).Take(Math.Min(4, info.HiddenSize)).Select(value => value.ToString("F4")))}, …");
        Console.WriteLine("For text, put the model's tokenizer (tokenizer.json) into its folder and use AttnGen.Embeddings.");
        """ + Class);

    // The likeliest token each time; the same for all that writes.
    private const string Likeliest =
        """
        var logits = new float[info.LogitsSize];
        var time = System.Diagnostics.Stopwatch.StartNew();
        """;

    public static ProjectProgram Writer { get; } = OfText(
        "goes on with a text",
        """
        var prompt = args.Length > 0 ? args[0] : "Once upon a time";

        using var generator = TextGenerator.Create<MODEL_CLASS>();
        var info = generator.Model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, texts of up to {info.MaxTokens} tokens");

        // The text comes piece by piece. Temperature 0 takes the likeliest token each time; without it the folder decides.
        var time = System.Diagnostics.Stopwatch.StartNew();
        Console.Write(prompt);
        var text = generator.Generate(prompt, piece => Console.Out.Write(piece), new GenerationOptions { MaxOutputTokens = 60, Temperature = 0 });

        Console.WriteLine();
        Console.WriteLine($"{text.OutputTokens} tokens after {text.InputTokens} in {time.ElapsedMilliseconds} ms. Your own: dotnet run -- \"how it begins\"");
        """,
        "give the beginning of a text of your own as the argument.",
        "AttnGen.Generation");

    public static ProjectProgram Talker { get; } = OfText(
        "answers a message",
        """
        using Microsoft.Extensions.AI;

        var message = args.Length > 0 ? args[0] : "Hello! Who are you?";

        using var generator = TextGenerator.Create<MODEL_CLASS>();
        using IChatClient client = generator.AsChatClient();
        var info = generator.Model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, conversations of up to {info.MaxTokens} tokens");

        // The folder's chat template writes the conversation down. What was read of it is not read again for the next message.
        List<ChatMessage> conversation = [];
        do
        {
            Console.WriteLine($"> {message}");
            conversation.Add(new ChatMessage(ChatRole.User, message));
            List<ChatResponseUpdate> updates = [];
            await foreach (var update in client.GetStreamingResponseAsync(conversation, new ChatOptions { MaxOutputTokens = 200 }))
            {
                Console.Write(update.Text);
                updates.Add(update);
            }

            conversation.AddMessages(updates.ToChatResponse());
            Console.WriteLine();
        }
        while (!Console.IsInputRedirected && Console.ReadLine() is { Length: > 0 } next && (message = next) is not null);
        """,
        "give a message of your own as the argument; at a terminal, type the next one.",
        "AttnGen.Generation");

    public static ProjectProgram WriterOfIds { get; } = new(
        "goes on with token ids, the likeliest each time: there is no tokenizer for its folder.",
        $$"""
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, texts of up to {info.MaxTokens} tokens");

        // Ids in place of text: put the ids here that the model's tokenizer gives.
        int[] ids = [.. Enumerable.Range(1, Math.Min(8, info.MaxTokens / 2)).Select(i => i * 7 % info.VocabularySize)];
        var count = Math.Min(20, info.MaxTokens - ids.Length);

        // A sequence keeps what was read. All its memory is taken here: MODEL_CLASS.SequenceBytes(n) bytes for n tokens.
        using var text = model.CreateSequence(ids.Length + count);
        {{Likeliest}}
        text.Extend(ids, logits);
        Console.Write(string.Join(' ', ids) + " |");
        for (var i = 0; i < count; i++)
        {
            var next = Array.IndexOf(logits, logits.Max());
            Console.Write($" {next}");
            text.Extend([next], logits);
        }

        Console.WriteLine();
        Console.WriteLine($"{count} tokens after {ids.Length} in {time.ElapsedMilliseconds} ms");
        Console.WriteLine("For text, put the model's tokenizer (tokenizer.json) into its folder and use AttnGen.Embeddings.");
        """ + Class);

    // What a decoder writes of a source, the likeliest token each time.
    private const string Answer =
        """
        using var text = model.Encode(SOURCE, count);
        var next = Math.Max(0, info.DecoderStartTokenId);
        for (var i = 0; i < count; i++)
        {
            text.Extend([next], logits);
            next = Array.IndexOf(logits, logits.Max());
            Console.Write($" {next}");
        }

        Console.WriteLine();
        Console.WriteLine($"{count} tokens in {time.ElapsedMilliseconds} ms; a text ends at the eos_token_id of config.json");
        """;

    public static ProjectProgram Source { get; } = new(
        "reads token ids and writes others, the likeliest each time.",
        $$"""
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} + {info.DecoderLayers} layers, {info.ParameterCount:N0} parameters, sources of up to {info.MaxTokens} tokens, texts of up to {info.DecoderMaxTokens}");

        // The source as ids: put those here that the model's tokenizer gives (with AttnGen.Tokenizers: TextTokenizer.Load(folder).Encode(text)).
        int[] source = [.. Enumerable.Range(1, Math.Min(8, info.MaxTokens)).Select(i => i * 7 % info.VocabularySize)];
        var count = Math.Min(20, info.DecoderMaxTokens);
        {{Likeliest}}
        Console.Write(string.Join(' ', source) + " |");
        {{Answer.Replace("SOURCE", "source", StringComparison.Ordinal)}}
        """ + Class);

    // Numbers from a file, where one is given.
    private static string OfFile(string array, string shape, string what) =>
        $$$"""
        if (args.Length > 0)
        {
            var bytes = File.ReadAllBytes(args[0]);
            if (bytes.Length != {{{array}}}.Length * sizeof(float))
            {
                Console.Error.WriteLine($"{args[0]} has {bytes.Length} bytes, [{{{shape}}}] floats are {{{{array}}}.Length * sizeof(float)}: write the {{{what}}} as such an array, for example with numpy's tofile.");
                return 2;
            }

            MemoryMarshal.Cast<byte, float>(bytes).CopyTo({{{array}}});
        }
        """;

    public static ProjectProgram Speech { get; } = new(
        "hears a sound and writes token ids, the likeliest each time; give a file with its numbers (float32, [bins, frames], as the model's preprocessor makes its `input_features`) as the argument.",
        $$"""
        using System.Runtime.InteropServices;
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} + {info.DecoderLayers} layers, {info.ParameterCount:N0} parameters, sounds [{info.AudioBins}, {info.AudioFrames}], texts of up to {info.DecoderMaxTokens} tokens");

        // A sound is the logarithms of a mel spectrogram, a float for each bin and frame, as the model's preprocessor makes them (input_features).
        var inputFeatures = new float[info.AudioBins * info.AudioFrames];
        {{OfFile("inputFeatures", "{info.AudioBins}, {info.AudioFrames}", "features")}}
        else
        {
            Console.WriteLine($"No sound was given, so all its numbers are 0. Your own: dotnet run -- sound.f32, with {inputFeatures.Length * sizeof(float)} bytes");
        }

        var count = info.LogitsSize == 0 ? 0 : Math.Min(20, info.DecoderMaxTokens);    // a folder without a head writes nothing
        {{Likeliest}}
        {{Answer.Replace("SOURCE", "inputFeatures", StringComparison.Ordinal)}}
        return 0;
        """ + Class);

    // How an image is read; the same for both kinds.
    private static string Pixels =>
        $$"""
        using System.Runtime.InteropServices;
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        var (channels, height, width) = (info.ImageChannels, info.ImageHeight, info.ImageWidth);
        Console.WriteLine($"MODEL_CLASS: {info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, images [{channels}, {height}, {width}]");

        // An image is a float for each channel, row and column, in this order, scaled and normalised as preprocessor_config.json of the model says.
        var pixels = new float[channels * height * width];
        {{OfFile("pixels", "{channels}, {height}, {width}", "image")}}
        else
        {
            Console.WriteLine($"No image was given, so this is about one that grows lighter from left to right. Your own: dotnet run -- image.f32, with {pixels.Length * sizeof(float)} bytes");
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = 2f * (i % width) / width - 1;
        }


        """;

    public static ProjectProgram ImageClassifier { get; } = OfImage(
        "classifies an image and prints the most probable labels",
        """
        var scores = new float[info.LogitsSize];
        model.ComputeLogits(pixels, scores);
        var largest = scores.Max();
        var sum = scores.Sum(score => MathF.Exp(score - largest));
        foreach (var label in Enumerable.Range(0, scores.Length).OrderByDescending(label => scores[label]).Take(5))
            Console.WriteLine($"  {MathF.Exp(scores[label] - largest) / sum:F4}  {(label < info.Labels.Count ? info.Labels[label] : $"class {label}")}");
        """);

    public static ProjectProgram Image { get; } = OfImage(
        "gives the hidden states of an image",
        """
        var hidden = new float[info.MaxTokens * info.HiddenSize];
        model.Forward(pixels, hidden);
        Console.WriteLine($"{info.MaxTokens} x {info.HiddenSize} numbers: a hidden state for the image as a whole, then one for each patch. The first:");
        Console.WriteLine($"  {string.Join(", ", hidden.Take(Math.Min(8, info.HiddenSize)).Select(value => value.ToString("F4")))}, …");
        Console.WriteLine("Two images are as near as the cosine of their first hidden states; for labels, use a folder with a classifier.");
        """);

    public static ProjectProgram ImageVector { get; } = OfImage(
        "gives the vector of an image",
        """
        var vector = new float[info.EmbeddingSize];
        model.Embed(pixels, vector);
        Console.WriteLine($"A vector of {vector.Length} numbers. The first:");
        Console.WriteLine($"  {string.Join(", ", vector.Take(Math.Min(8, vector.Length)).Select(value => value.ToString("F4")))}, …");
        Console.WriteLine("An image is as near to another, or to a text, as the cosine of their vectors. A class of the same folder with tower: Tower.Text gives those of texts.");
        """);

    public static ProjectProgram Block { get; } = new(
        "runs a block of attention that the compiler wrote from one attribute: its shape, the time and the memory of a call, and where a token looks.",
        """
        using System.Diagnostics;
        using AttnGen;

        // Weights under PyTorch's names: here random arrays; trained ones come from a safetensors file, MODEL_CLASS.Load("file.safetensors").
        const int D = MODEL_CLASS.DModel;
        const int Tokens = 16;
        var random = new Random(1);
        var weights = new TensorDictionary();
        weights.Add("in_proj_weight", [3 * D, D], Values(3 * D * D));
        weights.Add("in_proj_bias", [3 * D], Values(3 * D));
        weights.Add("out_proj.weight", [D, D], Values(D * D));
        weights.Add("out_proj.bias", [D], Values(D));
        using var mixer = MODEL_CLASS.Load(weights);
        Console.WriteLine($"MODEL_CLASS: attention with {MODEL_CLASS.Heads} heads over rows of {D} numbers, {MODEL_CLASS.ParameterCount:N0} parameters, up to {MODEL_CLASS.MaxTokens} tokens");

        var x = Values(Tokens * D);                     // [T, D], row-major
        var y = new float[x.Length];
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMilliseconds < 300;)
            mixer.Forward(x, y);                        // until the code is compiled for good

        const int Calls = 2000;
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var time = Stopwatch.GetTimestamp();
        for (var call = 0; call < Calls; call++)
            mixer.Forward(x, y);
        var microseconds = Stopwatch.GetElapsedTime(time).TotalMicroseconds / Calls;
        bytes = (GC.GetAllocatedBytesForCurrentThread() - bytes) / Calls;
        Console.WriteLine($"[{Tokens}, {D}] to [{Tokens}, {D}]: {microseconds:F1} µs and {bytes} bytes of new memory a call");

        using var session = mixer.CreateSession(Tokens);
        var looks = new float[MODEL_CLASS.Heads * Tokens * Tokens];  // [H, T, T]: how much each token takes from each
        session.Forward(x, y, trace: new ForwardTrace { AttentionWeights = looks });
        var row = looks.AsSpan(0, Tokens).ToArray();
        Console.WriteLine($"In head 0, token 0 takes most from token {Array.IndexOf(row, row.Max())}: {row.Max():P1} of the whole");
        Console.WriteLine("Now change [Attention(…)] in Program.cs, for example heads: 4 or causal: true, and run again; a size that does not fit is an error of the compiler.");

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];

        [Attention(dModel: 64, heads: 8)]
        internal sealed partial class MODEL_CLASS;

        """);

    /// <summary>A program on one of the packages for text.</summary>
    /// <param name="does">What it does.</param>
    /// <param name="body">What follows its usings.</param>
    /// <param name="own">How it takes texts of one's own.</param>
    /// <param name="package">The package, which has the name of its namespace.</param>
    private static ProjectProgram OfText(string does, string body, string own = "give your own texts as arguments.", string package = "AttnGen.Embeddings") => new(
        $"{does}; {own}",
        $"""
        using AttnGen;
        using {package};
        {(body.StartsWith("using ", StringComparison.Ordinal) ? "" : "\n")}{body}
        """ + Class,
        package);

    /// <summary>A program that says something of each text.</summary>
    /// <param name="does">What it does.</param>
    /// <param name="examples">Texts where none are given.</param>
    /// <param name="type">The class of AttnGen.Embeddings that does it.</param>
    /// <param name="about">The rest of the line about the model, after the longest text.</param>
    /// <param name="loop">What is printed of a text.</param>
    /// <param name="more">The rest of the line about texts of one's own.</param>
    private static ProjectProgram OfEachText(string does, string examples, string type, string about, string loop, string more = "") => OfText(
        does,
        $$"""
        string[] texts = args.Length > 0 ? args : [{{examples}}];

        using var classifier = {{type}}.Create<MODEL_CLASS>();
        Console.WriteLine($"MODEL_CLASS: texts of up to {classifier.MaxTokens} {{about}}");
        foreach (var text in texts)
        {
            Console.WriteLine(text);
            {{loop.Replace("\n", "\n    ", StringComparison.Ordinal)}}
        }

        Console.WriteLine("Your own texts: dotnet run -- \"one text\" \"another\"{{more}}");
        """);

    /// <summary>A program for the numbers of one image.</summary>
    private static ProjectProgram OfImage(string does, string body) => new(
        $"{does}; give a file with the image's numbers (float32, [channels, height, width], normalised as `preprocessor_config.json` says) as the argument.",
        $"""
        {Pixels}{body}
        return 0;
        """ + Class);
}
