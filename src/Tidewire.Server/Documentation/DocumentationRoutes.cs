using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Tidewire.Server.Documentation;

/// <summary>Serves the contract: two documents, Swagger UI at <c>/docs</c>, and one page to read at <c>/redoc</c>.</summary>
internal static class DocumentationRoutes
{
    public static IServiceCollection AddDocumentation(this IServiceCollection services)
        => services.AddSingleton<ContractDocuments>().AddSingleton<DocumentationPages>();

    public static void MapDocumentation(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", (HttpContext context, ContractDocuments documents) => Json(context, documents.OpenApi));
        routes.MapGet("/asyncapi.json", (HttpContext context, ContractDocuments documents) => Json(context, documents.AsyncApi(context.Request.Host)));
        routes.MapGet("/docs", (HttpContext context, DocumentationPages pages) => Page(context, pages, "/docs"));
        routes.MapGet("/redoc", (HttpContext context, DocumentationPages pages) => Page(context, pages, "/redoc"));
        routes.MapGet("/docs/{file}", (HttpContext context, DocumentationPages pages, string file) => Page(context, pages, file));
    }

    private static FileContentHttpResult Json(HttpContext context, ReadOnlyMemory<byte> document)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(document, "application/json; charset=utf-8");
    }

    private static IResult Page(HttpContext context, DocumentationPages pages, string name)
    {
        if (pages.Find(name) is not { } page)
        {
            return TypedResults.NotFound();
        }

        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(page.Bytes, page.ContentType, entityTag: page.Tag);
    }
}

/// <summary>One file of the pages.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Tag">Changes with its bytes.</param>
internal sealed record DocumentationPage(ReadOnlyMemory<byte> Bytes, string ContentType, EntityTagHeaderValue Tag);

/// <summary>The files of both pages, read when the first of them is asked for.</summary>
internal sealed class DocumentationPages(ContractDocuments documents)
{
    private readonly Lazy<FrozenDictionary<string, DocumentationPage>> _pages = new(() => Read(documents));

    /// <summary>A file by its name; null when there is none.</summary>
    public DocumentationPage? Find(string name) => _pages.Value.GetValueOrDefault(name);

    private static FrozenDictionary<string, DocumentationPage> Read(ContractDocuments documents)
    {
        const string Script = "text/javascript; charset=utf-8", Style = "text/css; charset=utf-8", Html = "text/html; charset=utf-8";
        return new Dictionary<string, DocumentationPage>
        {
            ["/docs"] = Page(OwnPages.Read("docs.html"), Html),
            ["docs.js"] = Page(OwnPages.Read("docs.js"), Script),
            ["docs.css"] = Page(OwnPages.Read("docs.css"), Style),
            ["swagger-ui.css"] = Page(OwnPages.ReadSwagger("swagger-ui.css"), Style),
            ["swagger-ui-bundle.js"] = Page(OwnPages.ReadSwagger("swagger-ui-bundle.js"), Script),
            ["/redoc"] = Page(new ReferencePage(documents.OpenApiRoot, documents.AsyncApiRoot).Render(), Html),
            ["frame.css"] = Page(OwnPages.Read("frame.css"), Style),
            ["redoc.css"] = Page(OwnPages.Read("redoc.css"), Style),
            ["tokens.css"] = Page(OwnPages.Read("tokens.css"), Style),
            ["theme.js"] = Page(OwnPages.Read("theme.js"), Script),
            ["mark.svg"] = Page(OwnPages.Read("mark.svg"), "image/svg+xml"),
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static DocumentationPage Page(byte[] bytes, string contentType)
        => new(bytes, contentType, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
}
