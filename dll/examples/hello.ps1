# sharedmem.dll from PowerShell, through the classes of hello.cs. Both lie beside this file; the DLL
# is the one for 64 bits if PowerShell has 64.
$ErrorActionPreference = 'Stop'
$env:Path = "$PSScriptRoot;$env:Path" # where the DLL is looked for
Add-Type -Path (Join-Path $PSScriptRoot 'hello.cs')

$region = New-Object SharedRegion 'hello', 256
try {
    $version = $region.Write([Text.Encoding]::UTF8.GetBytes('any bytes'))
    $data = $region.Read([ref]$version)
    "version $version of the region: $([Text.Encoding]::UTF8.GetString($data))"
} finally {
    $region.Dispose()
}

[SharedRegion]::Text = 'hello from PowerShell'
$version = [SharedRegion]::OfText.Query().version # before the text: no change is missed
"the text: $([SharedRegion]::Text)"
[SharedRegion]::OfText.Wait($version, 60000)
"the text: $([SharedRegion]::Text)"
