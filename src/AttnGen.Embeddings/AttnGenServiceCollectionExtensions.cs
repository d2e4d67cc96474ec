using AttnGen;
using AttnGen.Embeddings;
using Microsoft.Extensions.AI;

// Where such methods are looked for.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers compiled models as services.</summary>
public static class AttnGenServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of strings for the whole program. The model is loaded when the
    /// service is first asked for (ask once at the start of the program to have it at once), and disposed with the container.
    /// </summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How texts become vectors; null: the defaults.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAttnGenEmbeddings<TModel>(this IServiceCollection services, string? folder = null, TextEmbeddingOptions? options = null)
        where TModel : ITransformerModel<TModel>, ISentenceEncoder
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(_ => TextEmbeddingGenerator.Create<TModel>(folder, options));
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<TextEmbeddingGenerator>());
        services.AddSingleton<IEmbeddingGenerator>(provider => provider.GetRequiredService<TextEmbeddingGenerator>());
        return services;
    }

    /// <summary>As <see cref="AddAttnGenEmbeddings{TModel}"/>, under a key, for programs with several models.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How texts become vectors; null: the defaults.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedAttnGenEmbeddings<TModel>(
        this IServiceCollection services, object serviceKey, string? folder = null, TextEmbeddingOptions? options = null)
        where TModel : ITransformerModel<TModel>, ISentenceEncoder
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        services.AddKeyedSingleton(serviceKey, (_, _) => TextEmbeddingGenerator.Create<TModel>(folder, options));
        services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            serviceKey, (provider, key) => provider.GetRequiredKeyedService<TextEmbeddingGenerator>(key));
        services.AddKeyedSingleton<IEmbeddingGenerator>(serviceKey, (provider, key) => provider.GetRequiredKeyedService<TextEmbeddingGenerator>(key));
        return services;
    }

    /// <summary>Registers one <see cref="Reranker"/> for the whole program, loaded when it is first asked for and disposed with the container.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How documents are scored; null: the defaults.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAttnGenReranker<TModel>(this IServiceCollection services, string? folder = null, RerankerOptions? options = null)
        where TModel : ITransformerModel<TModel>, ILogitsModel
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(_ => Reranker.Create<TModel>(folder, options));
    }
}
